package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Policy;
import java.util.List;

/**
 * A policy that some endpoint of this node is asked by; a staged one too.
 *
 * @param ingress empty, whatever the policy says, when this is not one of its directions; so {@code
 *     egress}
 */
public record ActivePolicy(Policy policy, List<ActiveRule> ingress, List<ActiveRule> egress) {
  public ActivePolicy {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }
}
