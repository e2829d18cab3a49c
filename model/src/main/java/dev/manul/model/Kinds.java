package dev.manul.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** All kinds of resources that are Manul's own; Kubernetes' kinds are read and never written. */
public final class Kinds {

  /** In the order in which documents of them are best applied. */
  public static final List<Kind<? extends Resource>> ALL =
      List.of(
          FelixConfiguration.KIND,
          KubeControllersConfiguration.KIND,
          BGPConfiguration.KIND,
          IPAMConfiguration.KIND,
          IPPool.KIND,
          IPReservation.KIND,
          Node.KIND,
          BGPPeer.KIND,
          WorkloadEndpoint.KIND,
          BlockAffinity.KIND,
          IPAMBlock.KIND,
          IPAMHandle.KIND);

  private Kinds() {}

  /** The kind called so: by name, plural or alias, in any case. */
  public static Optional<Kind<? extends Resource>> find(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (Kind<? extends Resource> kind : ALL) {
      if (kind.plural().equals(lower) || kind.aliases().contains(lower)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The kind of exactly this name, as in a document's {@code kind} field. */
  public static Optional<Kind<? extends Resource>> named(String name) {
    for (Kind<? extends Resource> kind : ALL) {
      if (kind.name().equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
