package dev.manul.model;

import java.util.List;

/** Addresses with labels, for the selectors of rules, in one namespace. */
public record NetworkSet(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<NetworkSet> KIND =
      new Kind<>(
          "NetworkSet",
          "networksets",
          true,
          NetworkSet.class,
          List.of("networkset", "netset", "netsets"));

  public NetworkSet {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<NetworkSet> kind() {
    return KIND;
  }

  @Override
  public NetworkSet withMetadata(Metadata newMetadata) {
    return new NetworkSet(newMetadata, spec);
  }

  /**
   * The addresses.
   *
   * @param nets prefixes; a bare address stands for itself alone
   */
  public record Spec(List<String> nets) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null);

    public Spec {
      nets = Absent.list(nets);
    }
  }
}
