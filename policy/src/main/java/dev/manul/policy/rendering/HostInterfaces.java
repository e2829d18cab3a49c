package dev.manul.policy.rendering;

import dev.manul.policy.kernel.RuleText;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Chains that find the chain of a host's interface; those that are not known are left alone. */
final class HostInterfaces {

  /** The interface of a host endpoint that is about all of them. */
  static final String ANY = "*";

  private HostInterfaces() {}

  /**
   * A chain.
   *
   * @param option {@code -i} or {@code -o}
   * @param devices interfaces of host endpoints, with {@link #ANY} among them or not
   * @param asked those about which there is something in this chain's stage
   * @param pods pods' interfaces as rules match them, which are no host's
   */
  static List<RuleText> chain(
      String option,
      NavigableSet<String> devices,
      Predicate<String> asked,
      UnaryOperator<String> chainOf,
      List<String> pods) {
    List<RuleText> lines = new ArrayList<>();
    boolean any = devices.contains(ANY) && asked.test(ANY);
    for (String device : devices) {
      if (device.equals(ANY)) {
        continue;
      }
      if (asked.test(device)) {
        lines.add(new RuleText(option + " " + device + " -g " + chainOf.apply(device)));
      } else if (any) {
        lines.add(new RuleText(option + " " + device + " -j RETURN"));
      }
    }
    if (any) {
      pods.forEach(each -> lines.add(new RuleText(option + " " + each + " -j RETURN")));
      lines.add(new RuleText("-g " + chainOf.apply(ANY)));
    }
    return lines;
  }
}
