package dev.manul.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the nodes speak BGP: {@code default} for all of them, {@code node.NAME} for one, of which
 * only the advertisements, the port and the log level count.
 */
public record BGPConfiguration(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<BGPConfiguration> KIND =
      new Kind<>(
          "BGPConfiguration",
          "bgpconfigurations",
          false,
          BGPConfiguration.class,
          List.of("bgpconfiguration", "bgpconfig", "bgpconfigs"));

  /** The object that counts for every node. */
  public static final String DEFAULT_NAME = "default";

  /** What the name of a node's own object begins with. */
  public static final String NODE_PREFIX = "node.";

  /** The AS number of nodes unless told otherwise. */
  public static final long DEFAULT_AS_NUMBER = 64512;

  /** The port that speakers listen on unless told otherwise. */
  public static final int DEFAULT_LISTEN_PORT = 179;

  public BGPConfiguration {
    spec = spec == null ? Spec.DEFAULT : spec;
  }

  @Override
  public Kind<BGPConfiguration> kind() {
    return KIND;
  }

  @Override
  public BGPConfiguration withMetadata(Metadata newMetadata) {
    return new BGPConfiguration(newMetadata, spec);
  }

  public BGPConfiguration withSpec(Spec newSpec) {
    return new BGPConfiguration(metadata, newSpec);
  }

  /** What counts on a node: its own object's three fields over the global object's. */
  public static Spec inForce(Optional<BGPConfiguration> global, Optional<BGPConfiguration> ofNode) {
    Spec all = global.map(BGPConfiguration::spec).orElse(Spec.DEFAULT);
    return ofNode.map(own -> all.overriddenBy(own.spec())).orElse(all);
  }

  /**
   * The settings.
   *
   * @param logSeverityScreen {@code Debug} to {@code Fatal}; empty for Info
   * @param nodeToNodeMeshEnabled whether every node peers with every other; default true
   * @param asNumber the nodes' AS number; default {@link #DEFAULT_AS_NUMBER}
   * @param listenPort 1 to 65535; empty for {@link #DEFAULT_LISTEN_PORT}
   * @param bindMode {@code None} (default) or {@code NodeIP}: listen on the node's address only
   * @param ignoredInterfaces devices whose addresses are not announced; {@code *} is a wildcard
   * @param serviceClusterIPs ranges of cluster IPs to announce
   * @param serviceExternalIPs ranges of external IPs to announce
   * @param serviceLoadBalancerIPs ranges of load balancer IPs to announce
   * @param serviceLoadBalancerAggregation {@code Enabled} (default) or {@code Disabled}
   * @param communities names for community values
   * @param prefixAdvertisements which communities go with which prefixes
   * @param nodeMeshPassword the password within the mesh
   * @param nodeMeshMaxRestartTime the graceful restart time within the mesh, to whole seconds
   * @param localWorkloadPeeringIPV4 the address that pods peer with, or ""
   * @param localWorkloadPeeringIPV6 the IPv6 address that pods peer with, or ""
   * @param programClusterRoutes which cluster routes BGP is to write; "" for the default
   * @param ipv4NormalRoutePriority metric of learned IPv4 routes, 1 to 2147483646
   * @param ipv6NormalRoutePriority metric of learned IPv6 routes
   */
  public record Spec(
      Optional<String> logSeverityScreen,
      Boolean nodeToNodeMeshEnabled,
      Long asNumber,
      Optional<Integer> listenPort,
      String bindMode,
      List<String> ignoredInterfaces,
      List<CidrBlock> serviceClusterIPs,
      List<CidrBlock> serviceExternalIPs,
      List<CidrBlock> serviceLoadBalancerIPs,
      String serviceLoadBalancerAggregation,
      List<Community> communities,
      List<PrefixAdvertisement> prefixAdvertisements,
      Optional<BgpPassword> nodeMeshPassword,
      Optional<Duration> nodeMeshMaxRestartTime,
      String localWorkloadPeeringIPV4,
      String localWorkloadPeeringIPV6,
      String programClusterRoutes,
      Optional<Integer> ipv4NormalRoutePriority,
      Optional<Integer> ipv6NormalRoutePriority) {

    /** Every setting at its default. */
    public static final Spec DEFAULT =
        new Spec(
            Optional.empty(),
            null,
            null,
            Optional.empty(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            Optional.empty(),
            Optional.empty(),
            null,
            null,
            null,
            Optional.empty(),
            Optional.empty());

    public Spec {
      logSeverityScreen = Absent.optional(logSeverityScreen);
      nodeToNodeMeshEnabled = Absent.or(nodeToNodeMeshEnabled, true);
      asNumber = Absent.or(asNumber, DEFAULT_AS_NUMBER);
      listenPort = Absent.optional(listenPort);
      bindMode = bindMode == null || bindMode.isEmpty() ? "None" : bindMode;
      ignoredInterfaces = Absent.list(ignoredInterfaces);
      serviceClusterIPs = Absent.list(serviceClusterIPs);
      serviceExternalIPs = Absent.list(serviceExternalIPs);
      serviceLoadBalancerIPs = Absent.list(serviceLoadBalancerIPs);
      serviceLoadBalancerAggregation = Absent.or(serviceLoadBalancerAggregation, "Enabled");
      communities = Absent.list(communities);
      prefixAdvertisements = Absent.list(prefixAdvertisements);
      nodeMeshPassword = Absent.optional(nodeMeshPassword);
      nodeMeshMaxRestartTime = Absent.optional(nodeMeshMaxRestartTime);
      localWorkloadPeeringIPV4 = Absent.text(localWorkloadPeeringIPV4);
      localWorkloadPeeringIPV6 = Absent.text(localWorkloadPeeringIPV6);
      programClusterRoutes = Absent.text(programClusterRoutes);
      ipv4NormalRoutePriority = Absent.optional(ipv4NormalRoutePriority);
      ipv6NormalRoutePriority = Absent.optional(ipv6NormalRoutePriority);
    }

    /** The port to listen on: as set, or the default. */
    public int effectiveListenPort() {
      return listenPort.orElse(DEFAULT_LISTEN_PORT);
    }

    /** These settings with mesh and AS number as given. */
    public Spec withMesh(boolean mesh, long as) {
      return new Spec(
          logSeverityScreen,
          mesh,
          as,
          listenPort,
          bindMode,
          ignoredInterfaces,
          serviceClusterIPs,
          serviceExternalIPs,
          serviceLoadBalancerIPs,
          serviceLoadBalancerAggregation,
          communities,
          prefixAdvertisements,
          nodeMeshPassword,
          nodeMeshMaxRestartTime,
          localWorkloadPeeringIPV4,
          localWorkloadPeeringIPV6,
          programClusterRoutes,
          ipv4NormalRoutePriority,
          ipv6NormalRoutePriority);
    }

    Spec overriddenBy(Spec ofNode) {
      return new Spec(
          ofNode.logSeverityScreen.or(() -> logSeverityScreen),
          nodeToNodeMeshEnabled,
          asNumber,
          ofNode.listenPort.or(() -> listenPort),
          bindMode,
          ignoredInterfaces,
          serviceClusterIPs,
          serviceExternalIPs,
          serviceLoadBalancerIPs,
          serviceLoadBalancerAggregation,
          ofNode.communities.isEmpty() ? communities : ofNode.communities,
          ofNode.prefixAdvertisements.isEmpty()
              ? prefixAdvertisements
              : ofNode.prefixAdvertisements,
          nodeMeshPassword,
          nodeMeshMaxRestartTime,
          localWorkloadPeeringIPV4,
          localWorkloadPeeringIPV6,
          programClusterRoutes,
          ipv4NormalRoutePriority,
          ipv6NormalRoutePriority);
    }
  }

  /**
   * A name for a community.
   *
   * @param value {@code aa:nn} or {@code aa:nn:mm}
   */
  public record Community(String name, String value) {
    public Community {
      name = Absent.text(name);
      value = Absent.text(value);
    }
  }

  /**
   * Communities for the routes of a prefix.
   *
   * @param cidr the prefix; null only in a document that has not been validated
   * @param communities names or values
   */
  public record PrefixAdvertisement(Prefix cidr, List<String> communities) {
    public PrefixAdvertisement {
      communities = Absent.list(communities);
    }
  }
}
