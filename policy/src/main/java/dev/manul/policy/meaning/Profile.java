package dev.manul.policy.meaning;

import java.util.List;
import java.util.Map;

/**
 * What endpoints of a namespace, a service account or a hand-made profile have in common: labels
 * that they inherit, and rules that decide when no policy does.
 *
 * @param name such as {@code kns.default} or {@code ksa.default.web}
 */
public record Profile(
    String name, List<Rule> ingress, List<Rule> egress, Map<String, String> labels) {

  public Profile {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
    labels = Map.copyOf(labels);
  }

  /** The rules of a direction. */
  public List<Rule> rules(Direction direction) {
    return direction == Direction.INGRESS ? ingress : egress;
  }
}
