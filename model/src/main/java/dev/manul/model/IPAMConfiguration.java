package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** How addresses are managed in the whole cluster; there is one, named {@code default}. */
public record IPAMConfiguration(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<IPAMConfiguration> KIND =
      new Kind<>(
          "IPAMConfiguration",
          "ipamconfigurations",
          false,
          IPAMConfiguration.class,
          List.of("ipamconfiguration", "ipamconfig", "ipamconfigs"));

  public IPAMConfiguration {
    spec = spec == null ? Spec.DEFAULT : spec;
  }

  @Override
  public Kind<IPAMConfiguration> kind() {
    return KIND;
  }

  @Override
  public IPAMConfiguration withMetadata(Metadata newMetadata) {
    return new IPAMConfiguration(newMetadata, spec);
  }

  /**
   * The settings.
   *
   * @param strictAffinity nodes take addresses from their own blocks only
   * @param maxBlocksPerHost 0 to 1,000,000; 0 for the built-in limit
   * @param autoAllocateBlocks whether nodes claim blocks when theirs are full; default true
   * @param kubeVirtVMAddressPersistence {@code Enabled} or {@code Disabled}, empty when not said
   * @param ipCooldownSeconds how long a released address rests, 0 to 1200
   */
  public record Spec(
      boolean strictAffinity,
      int maxBlocksPerHost,
      Boolean autoAllocateBlocks,
      Optional<String> kubeVirtVMAddressPersistence,
      int ipCooldownSeconds) {

    /** Every setting at its default. */
    public static final Spec DEFAULT = new Spec(false, 0, null, Optional.empty(), 0);

    public Spec {
      autoAllocateBlocks = Absent.or(autoAllocateBlocks, true);
      kubeVirtVMAddressPersistence = Absent.optional(kubeVirtVMAddressPersistence);
    }
  }
}
