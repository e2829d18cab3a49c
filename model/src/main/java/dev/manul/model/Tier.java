package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** Policies that are asked together, before or after those of other tiers. */
public record Tier(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<Tier> KIND =
      new Kind<>("Tier", "tiers", false, Tier.class, List.of("tier"));

  public Tier {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<Tier> kind() {
    return KIND;
  }

  @Override
  public Tier withMetadata(Metadata newMetadata) {
    return new Tier(newMetadata, spec);
  }

  /**
   * What it says.
   *
   * @param order lower is asked first; absent: last
   * @param defaultAction {@code Deny} or {@code Pass}: what happens to a packet that a policy of
   *     the tier is about and no rule decides; absent: Deny
   */
  public record Spec(Optional<Double> order, Optional<String> defaultAction) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(Optional.empty(), Optional.empty());

    public Spec {
      order = Absent.optional(order);
      defaultAction = Absent.optional(defaultAction);
    }
  }
}
