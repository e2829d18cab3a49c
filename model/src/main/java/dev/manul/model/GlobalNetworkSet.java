package dev.manul.model;

import java.util.List;

/** Addresses with labels, for the selectors of rules. */
public record GlobalNetworkSet(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<GlobalNetworkSet> KIND =
      new Kind<>(
          "GlobalNetworkSet",
          "globalnetworksets",
          false,
          GlobalNetworkSet.class,
          List.of("globalnetworkset", "gns"));

  public GlobalNetworkSet {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<GlobalNetworkSet> kind() {
    return KIND;
  }

  @Override
  public GlobalNetworkSet withMetadata(Metadata newMetadata) {
    return new GlobalNetworkSet(newMetadata, spec);
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
