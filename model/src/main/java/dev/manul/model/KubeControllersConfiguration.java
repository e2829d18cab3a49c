package dev.manul.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of what runs once in a cluster; there is one, named {@code default}. Manul goes by the
 * node controller's grace for leaked addresses and keeps the rest as found.
 */
public record KubeControllersConfiguration(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<KubeControllersConfiguration> KIND =
      new Kind<>(
          "KubeControllersConfiguration",
          "kubecontrollersconfigurations",
          false,
          KubeControllersConfiguration.class,
          List.of("kubecontrollersconfiguration", "kubecontrollersconfig"));

  /** The name of the only one. */
  public static final String DEFAULT_NAME = "default";

  public KubeControllersConfiguration {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<KubeControllersConfiguration> kind() {
    return KIND;
  }

  @Override
  public KubeControllersConfiguration withMetadata(Metadata newMetadata) {
    return new KubeControllersConfiguration(newMetadata, spec);
  }

  /** How long an address may look leaked before it is taken back; empty when nobody has said. */
  public Optional<Duration> leakGracePeriod() {
    return spec.controllers().node().flatMap(NodeController::leakGracePeriod);
  }

  /**
   * The settings.
   *
   * @param logSeverityScreen {@code Debug} to {@code Fatal}
   * @param healthChecks {@code Enabled} or {@code Disabled}
   * @param prometheusMetricsPort 0 to 65535
   * @param etcdV3CompactionPeriod kept as found
   * @param debugProfilePort 0 to 65535
   * @param controllers settings of each controller
   */
  public record Spec(
      Optional<String> logSeverityScreen,
      Optional<String> healthChecks,
      Optional<Integer> prometheusMetricsPort,
      Optional<Duration> etcdV3CompactionPeriod,
      Optional<Integer> debugProfilePort,
      Controllers controllers) {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            null);

    public Spec {
      logSeverityScreen = Absent.optional(logSeverityScreen);
      healthChecks = Absent.optional(healthChecks);
      prometheusMetricsPort = Absent.optional(prometheusMetricsPort);
      etcdV3CompactionPeriod = Absent.optional(etcdV3CompactionPeriod);
      debugProfilePort = Absent.optional(debugProfilePort);
      controllers = Absent.or(controllers, Controllers.EMPTY);
    }
  }

  /**
   * Settings of each controller; all but the node controller's are kept as found.
   *
   * @param node what watches over nodes and their addresses
   */
  public record Controllers(
      Optional<NodeController> node,
      Map<String, Object> policy,
      Map<String, Object> workloadEndpoint,
      Map<String, Object> serviceAccount,
      Map<String, Object> namespace,
      Map<String, Object> loadBalancer,
      Map<String, Object> migration) {

    /** Nothing said. */
    public static final Controllers EMPTY =
        new Controllers(Optional.empty(), null, null, null, null, null, null);

    public Controllers {
      node = Absent.optional(node);
      policy = Absent.map(policy);
      workloadEndpoint = Absent.map(workloadEndpoint);
      serviceAccount = Absent.map(serviceAccount);
      namespace = Absent.map(namespace);
      loadBalancer = Absent.map(loadBalancer);
      migration = Absent.map(migration);
    }
  }

  /**
   * The node controller's settings.
   *
   * @param reconcilerPeriod kept as found
   * @param syncLabels {@code Enabled} or {@code Disabled}; kept as found
   * @param leakGracePeriod how long an address may look leaked before it is taken back; 0 takes
   *     none back from nodes that exist
   * @param hostEndpoint kept as found
   */
  public record NodeController(
      Optional<Duration> reconcilerPeriod,
      Optional<String> syncLabels,
      Optional<Duration> leakGracePeriod,
      Map<String, Object> hostEndpoint) {

    public NodeController {
      reconcilerPeriod = Absent.optional(reconcilerPeriod);
      syncLabels = Absent.optional(syncLabels);
      leakGracePeriod = Absent.optional(leakGracePeriod);
      hostEndpoint = Absent.map(hostEndpoint);
    }
  }
}
