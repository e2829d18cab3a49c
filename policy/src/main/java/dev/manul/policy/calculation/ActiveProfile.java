package dev.manul.policy.calculation;

import java.util.List;

/** A profile that some endpoint of this node has. */
public record ActiveProfile(String name, List<ActiveRule> ingress, List<ActiveRule> egress) {
  public ActiveProfile {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }
}
