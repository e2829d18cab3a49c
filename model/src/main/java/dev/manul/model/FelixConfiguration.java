package dev.manul.model;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of the agent: {@code default} for all nodes, {@code node.NAME} for one, any other name
 * for the nodes that its {@code nodeSelector} selects.
 */
public record FelixConfiguration(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<FelixConfiguration> KIND =
      new Kind<>(
          "FelixConfiguration",
          "felixconfigurations",
          false,
          FelixConfiguration.class,
          List.of("felixconfiguration", "felixconfig", "felixconfigs", "fc"));

  /** The name of the object for all nodes. */
  public static final String DEFAULT_NAME = "default";

  /** What begins the name of the object for one node. */
  public static final String NODE_PREFIX = "node.";

  /** What counts for a node: each setting of its own object, else that of the one for all. */
  public static Optional<FelixConfiguration> inForce(
      Optional<FelixConfiguration> global, Optional<FelixConfiguration> ofNode) {
    return ofNode.isEmpty() || global.isEmpty()
        ? ofNode.or(() -> global)
        : Optional.of(
            new FelixConfiguration(
                ofNode.get().metadata(), ofNode.get().spec().over(global.get().spec())));
  }

  public FelixConfiguration {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<FelixConfiguration> kind() {
    return KIND;
  }

  @Override
  public FelixConfiguration withMetadata(Metadata newMetadata) {
    return new FelixConfiguration(newMetadata, spec);
  }

  /**
   * The settings in use; each is empty when the document does not have it, so that objects can be
   * laid over one another ({@link #over}). The defaults are {@link #DEFAULTS}.
   *
   * @param nodeSelector which nodes an object of a free name is for
   * @param logSeverityScreen {@code Debug} to {@code Fatal}
   * @param interfacePrefix what pods' devices on the node are called; several with commas
   * @param interfaceExclude devices to leave alone; several with commas
   * @param ipipEnabled whether tunl0 is set up; unset: when a pool needs it
   * @param ipipMTU tunl0's MTU; 0: the parent's less 20
   * @param mtuIfacePattern regular expression of devices whose MTU counts for the default
   * @param deviceRouteProtocol protocol number of routes, 0 to 255
   * @param deviceRouteSourceAddress preferred source of routes to pods
   * @param removeExternalRoutes whether unknown routes on pods' devices are removed
   * @param routeRefreshInterval how often the kernel's routes are read whole
   * @param interfaceRefreshInterval how often its devices are
   * @param netlinkTimeout how long an answer of the kernel is waited for
   * @param ipForwarding {@code Enabled} or {@code Disabled}
   * @param programClusterRoutes which routes to other nodes the agent writes
   * @param ipv4NormalRoutePriority metric of IPv4 routes
   * @param ipv6NormalRoutePriority metric of IPv6 routes
   * @param healthEnabled whether the probes are served
   * @param healthHost the address they are served on
   * @param healthPort the port they are served on
   * @param further documented settings that are kept but not used, as found; all are written on the
   *     same level as the others
   */
  public record Spec(
      Optional<String> nodeSelector,
      Optional<String> logSeverityScreen,
      Optional<String> interfacePrefix,
      Optional<String> interfaceExclude,
      Optional<Boolean> ipipEnabled,
      Optional<Integer> ipipMTU,
      Optional<String> mtuIfacePattern,
      Optional<Integer> deviceRouteProtocol,
      Optional<String> deviceRouteSourceAddress,
      Optional<Boolean> removeExternalRoutes,
      Optional<Duration> routeRefreshInterval,
      Optional<Duration> interfaceRefreshInterval,
      Optional<Duration> netlinkTimeout,
      Optional<String> ipForwarding,
      Optional<String> programClusterRoutes,
      Optional<Integer> ipv4NormalRoutePriority,
      Optional<Integer> ipv6NormalRoutePriority,
      Optional<Boolean> healthEnabled,
      Optional<String> healthHost,
      Optional<Integer> healthPort,
      Map<String, Object> further) {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            null);

    /** What counts where no object says anything. Unset here: decided by the agent itself. */
    public static final Spec DEFAULTS =
        new Spec(
            Optional.empty(),
            Optional.of("Info"),
            Optional.of("cali"),
            Optional.of("kube-ipvs0"),
            Optional.empty(),
            Optional.of(0),
            Optional.of("^((en|wl|ww|sl|ib)[Pcopsvx].*|(eth|wlan|wwan).*)"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(true),
            Optional.of(Duration.ofSeconds(90)),
            Optional.of(Duration.ofSeconds(90)),
            Optional.of(Duration.ofSeconds(10)),
            Optional.of("Enabled"),
            Optional.empty(),
            Optional.of(1024),
            Optional.of(1024),
            Optional.empty(),
            Optional.of("localhost"),
            Optional.of(9099),
            null);

    public Spec {
      nodeSelector = Absent.optional(nodeSelector);
      logSeverityScreen = Absent.optional(logSeverityScreen);
      interfacePrefix = Absent.optional(interfacePrefix);
      interfaceExclude = Absent.optional(interfaceExclude);
      ipipEnabled = Absent.optional(ipipEnabled);
      ipipMTU = Absent.optional(ipipMTU);
      mtuIfacePattern = Absent.optional(mtuIfacePattern);
      deviceRouteProtocol = Absent.optional(deviceRouteProtocol);
      deviceRouteSourceAddress = Absent.optional(deviceRouteSourceAddress);
      removeExternalRoutes = Absent.optional(removeExternalRoutes);
      routeRefreshInterval = Absent.optional(routeRefreshInterval);
      interfaceRefreshInterval = Absent.optional(interfaceRefreshInterval);
      netlinkTimeout = Absent.optional(netlinkTimeout);
      ipForwarding = Absent.optional(ipForwarding);
      programClusterRoutes = Absent.optional(programClusterRoutes);
      ipv4NormalRoutePriority = Absent.optional(ipv4NormalRoutePriority);
      ipv6NormalRoutePriority = Absent.optional(ipv6NormalRoutePriority);
      healthEnabled = Absent.optional(healthEnabled);
      healthHost = Absent.optional(healthHost);
      healthPort = Absent.optional(healthPort);
      further = Absent.map(further);
    }

    /** These settings, and those of {@code lower} where these say nothing. */
    public Spec over(Spec lower) {
      return new Spec(
          nodeSelector.or(lower::nodeSelector),
          logSeverityScreen.or(lower::logSeverityScreen),
          interfacePrefix.or(lower::interfacePrefix),
          interfaceExclude.or(lower::interfaceExclude),
          ipipEnabled.or(lower::ipipEnabled),
          ipipMTU.or(lower::ipipMTU),
          mtuIfacePattern.or(lower::mtuIfacePattern),
          deviceRouteProtocol.or(lower::deviceRouteProtocol),
          deviceRouteSourceAddress.or(lower::deviceRouteSourceAddress),
          removeExternalRoutes.or(lower::removeExternalRoutes),
          routeRefreshInterval.or(lower::routeRefreshInterval),
          interfaceRefreshInterval.or(lower::interfaceRefreshInterval),
          netlinkTimeout.or(lower::netlinkTimeout),
          ipForwarding.or(lower::ipForwarding),
          programClusterRoutes.or(lower::programClusterRoutes),
          ipv4NormalRoutePriority.or(lower::ipv4NormalRoutePriority),
          ipv6NormalRoutePriority.or(lower::ipv6NormalRoutePriority),
          healthEnabled.or(lower::healthEnabled),
          healthHost.or(lower::healthHost),
          healthPort.or(lower::healthPort),
          merged(lower.further));
    }

    private Map<String, Object> merged(Map<String, Object> lower) {
      Map<String, Object> all = new HashMap<>(lower);
      all.putAll(further);
      return all;
    }
  }
}
