package dev.manul.policy.kernel;

import java.util.List;
import java.util.stream.Collectors;

/** Removes sets without knowing what they are for. */
public final class SetSweep {

  private SetSweep() {}

  /**
   * Destroys all sets of ours.
   *
   * @throws RulesException when one is left, as while a rule uses it
   */
  public static void sweep(Programs programs) {
    String lines =
        programs
            .ok(List.of("ipset", "list", "-n"), "")
            .lines()
            .filter(IpSet::isOurs)
            .map(name -> "destroy " + name + "\n")
            .collect(Collectors.joining());
    if (!lines.isEmpty()) {
      String _ = programs.ok(List.of("ipset", "restore"), lines);
    }
  }
}
