package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * A range of addresses that pods, tunnels and load balancers get theirs from, and how packets to
 * them are carried between nodes.
 */
public record IPPool(Metadata metadata, Spec spec, Status status) implements Resource {

  public static final Kind<IPPool> KIND =
      new Kind<>(
          "IPPool",
          "ippools",
          false,
          IPPool.class,
          List.of("ippool", "ipp", "ipps", "pool", "pools"));

  /** Addresses for pods. */
  public static final String USE_WORKLOAD = "Workload";

  /** Addresses for the nodes' tunnel devices. */
  public static final String USE_TUNNEL = "Tunnel";

  /** Addresses for Services of type LoadBalancer. */
  public static final String USE_LOAD_BALANCER = "LoadBalancer";

  /**
   * The annotation of a disabled pool whose parts are taking its place: they may overlap it. Its
   * value is {@code true} when the parts are to be disabled too, as the pool was before.
   */
  public static final String BEING_SPLIT = "manul.dev/being-split";

  /** Every request may take addresses. */
  public static final String ASSIGN_AUTOMATIC = "Automatic";

  /** Only a request that names the pool may take addresses. */
  public static final String ASSIGN_MANUAL = "Manual";

  public IPPool {
    spec = spec == null ? Spec.of(null) : spec;
    status = status == null ? new Status(List.of()) : status;
  }

  public IPPool(Metadata metadata, Spec spec) {
    this(metadata, spec, null);
  }

  @Override
  public Kind<IPPool> kind() {
    return KIND;
  }

  @Override
  public IPPool withMetadata(Metadata newMetadata) {
    return new IPPool(newMetadata, spec, status);
  }

  public IPPool withSpec(Spec newSpec) {
    return new IPPool(metadata, newSpec, status);
  }

  /**
   * What the pool is to be.
   *
   * @param cidr the range, such as 10.244.0.0/16; cannot be changed; null only in a document that
   *     has not been validated
   * @param ipipMode when packets to the pool's addresses travel in IP-in-IP; IPv4 only
   * @param vxlanMode when packets to the pool's addresses travel in VXLAN; not with ipipMode
   * @param natOutgoing whether packets that leave the pools take the node's address
   * @param disabled whether no new addresses are given; those given out go on working
   * @param disableBGPExport whether BGP keeps the pool's blocks to itself
   * @param blockSize prefix length of the blocks nodes claim, 20 to 32, in an IPv6 pool 116 to 128;
   *     by default 26 and 122; cannot be changed
   * @param nodeSelector which nodes may claim blocks
   * @param namespaceSelector pods of which namespaces get addresses; "" for all
   * @param allowedUses what the addresses are for: {@link #USE_WORKLOAD}, {@link #USE_TUNNEL},
   *     {@link #USE_LOAD_BALANCER}
   * @param assignmentMode {@link #ASSIGN_AUTOMATIC}, or {@link #ASSIGN_MANUAL} for addresses that
   *     only requests naming the pool get
   * @param nodeSubnet gives each node one block of the pool and no other; Manul's own
   * @param udpMode when packets to the pool's addresses travel in UDP datagrams that the agent
   *     itself sends and receives, Always or CrossSubnet; not with the other modes; left out for
   *     Never. Manul's own
   */
  public record Spec(
      Prefix cidr,
      EncapsulationMode ipipMode,
      EncapsulationMode vxlanMode,
      boolean natOutgoing,
      boolean disabled,
      boolean disableBGPExport,
      int blockSize,
      String nodeSelector,
      String namespaceSelector,
      List<String> allowedUses,
      String assignmentMode,
      Optional<NodeSubnet> nodeSubnet,
      Optional<EncapsulationMode> udpMode) {

    public Spec {
      nodeSubnet = Absent.optional(nodeSubnet);
      ipipMode = Absent.or(ipipMode, EncapsulationMode.NEVER);
      vxlanMode = Absent.or(vxlanMode, EncapsulationMode.NEVER);
      if (blockSize == 0) {
        blockSize = cidr != null && cidr.family() == AddressFamily.IPV6 ? 122 : 26;
      }
      nodeSelector = nodeSelector == null || nodeSelector.isEmpty() ? "all()" : nodeSelector;
      namespaceSelector = Absent.text(namespaceSelector);
      allowedUses =
          allowedUses == null || allowedUses.isEmpty()
              ? List.of(USE_WORKLOAD, USE_TUNNEL)
              : List.copyOf(allowedUses);
      assignmentMode =
          assignmentMode == null || assignmentMode.isEmpty() ? ASSIGN_AUTOMATIC : assignmentMode;
      udpMode = Absent.optional(udpMode).filter(mode -> mode != EncapsulationMode.NEVER);
    }

    /** A pool as Calico knows it. */
    public Spec(
        Prefix cidr,
        EncapsulationMode ipipMode,
        EncapsulationMode vxlanMode,
        boolean natOutgoing,
        boolean disabled,
        boolean disableBGPExport,
        int blockSize,
        String nodeSelector,
        String namespaceSelector,
        List<String> allowedUses,
        String assignmentMode) {
      this(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          Optional.empty(),
          Optional.empty());
    }

    /** A pool of {@code cidr} with every other field at its default. */
    public static Spec of(Prefix cidr) {
      return new Spec(cidr, null, null, false, false, false, 0, null, null, null, null);
    }

    public Spec withNodeSubnet(Optional<NodeSubnet> subnet) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          subnet,
          udpMode);
    }

    /** As {@code udpMode}, which says nothing for Never. */
    public EncapsulationMode udp() {
      return udpMode.orElse(EncapsulationMode.NEVER);
    }

    public Spec withModes(EncapsulationMode ipip, EncapsulationMode vxlan) {
      return withModes(ipip, vxlan, udp());
    }

    public Spec withModes(EncapsulationMode ipip, EncapsulationMode vxlan, EncapsulationMode udp) {
      return new Spec(
          cidr,
          ipip,
          vxlan,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          Optional.of(udp));
    }

    public Spec withNatOutgoing(boolean nat) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          nat,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }

    public Spec withCidr(Prefix range) {
      return new Spec(
          range,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }

    public Spec withDisabled(boolean off) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          off,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }

    public Spec withBlockSize(int size) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          size,
          nodeSelector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }

    public Spec withNodeSelector(String selector) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          selector,
          namespaceSelector,
          allowedUses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }

    public Spec withAllowedUses(List<String> uses) {
      return new Spec(
          cidr,
          ipipMode,
          vxlanMode,
          natOutgoing,
          disabled,
          disableBGPExport,
          blockSize,
          nodeSelector,
          namespaceSelector,
          uses,
          assignmentMode,
          nodeSubnet,
          udpMode);
    }
  }

  /** What became of the pool: the condition {@code Allocatable}. */
  public record Status(List<Condition> conditions) {
    public Status {
      conditions = Absent.list(conditions);
    }
  }
}
