package dev.manul.model;

import java.util.List;
import java.util.Map;

/**
 * Rules and labels that endpoints have which name it. Those of a Kubernetes cluster's namespaces
 * and service accounts ({@code kns.…}, {@code ksa.…}) are not stored: the agent knows them by
 * itself.
 */
public record Profile(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<Profile> KIND =
      new Kind<>("Profile", "profiles", false, Profile.class, List.of("profile", "pro"));

  public Profile {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<Profile> kind() {
    return KIND;
  }

  @Override
  public Profile withMetadata(Metadata newMetadata) {
    return new Profile(newMetadata, spec);
  }

  /**
   * What it says.
   *
   * @param ingress for traffic to the endpoints that no policy decides
   * @param egress for traffic from the endpoints that no policy decides
   * @param labelsToApply labels that the endpoints inherit
   */
  public record Spec(
      List<PolicyRule> ingress, List<PolicyRule> egress, Map<String, String> labelsToApply) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null);

    public Spec {
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      labelsToApply = Absent.map(labelsToApply);
    }
  }
}
