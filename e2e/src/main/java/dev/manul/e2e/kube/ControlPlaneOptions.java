package dev.manul.e2e.kube;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a control plane is started.
 *
 * @param binaries where its programs are
 * @param directory where it keeps its files; empty for a temporary one that goes with it
 * @param bindAddress where the API server listens
 * @param advertiseAddress what clients outside this host are told; also the endpoint of the service
 *     {@code kubernetes}. The loopback address for none outside
 * @param serviceRange the addresses of services
 * @param podRange the addresses of pods, for the controllers that cut it for nodes
 * @param nodes node names; each gets a kubelet's identity and kubeconfig
 * @param controllers whether kube-controller-manager runs; service accounts are of use only then
 * @param scheduler whether kube-scheduler runs
 * @param heapGrowth how much the API server's heap grows between two collections, in percent of
 *     what is live: Go's GOGC, 100 by default
 */
public record ControlPlaneOptions(
    KubeBinaries binaries,
    Optional<Path> directory,
    Address bindAddress,
    Address advertiseAddress,
    Prefix serviceRange,
    Prefix podRange,
    List<String> nodes,
    boolean controllers,
    boolean scheduler,
    int heapGrowth) {

  private static final int DEFAULT_HEAP_GROWTH = 100;
  private static final Address LOOPBACK = Address.parse("127.0.0.1");

  public ControlPlaneOptions {
    nodes = List.copyOf(nodes);
  }

  /** An API server for clients on this host, without controllers. */
  public static ControlPlaneOptions of(KubeBinaries binaries) {
    return new ControlPlaneOptions(
        binaries,
        Optional.empty(),
        LOOPBACK,
        LOOPBACK,
        Prefix.parse("10.96.0.0/16"),
        Prefix.parse("10.244.0.0/16"),
        List.of(),
        false,
        false,
        DEFAULT_HEAP_GROWTH);
  }

  public ControlPlaneOptions in(Path where) {
    return new ControlPlaneOptions(
        binaries,
        Optional.of(where),
        bindAddress,
        advertiseAddress,
        serviceRange,
        podRange,
        nodes,
        controllers,
        scheduler,
        heapGrowth);
  }

  /** Listens on {@code bind} and tells clients {@code advertised}. */
  public ControlPlaneOptions at(Address bind, Address advertised) {
    return new ControlPlaneOptions(
        binaries,
        directory,
        bind,
        advertised,
        serviceRange,
        podRange,
        nodes,
        controllers,
        scheduler,
        heapGrowth);
  }

  public ControlPlaneOptions withNodes(List<String> nodeNames) {
    return new ControlPlaneOptions(
        binaries,
        directory,
        bindAddress,
        advertiseAddress,
        serviceRange,
        podRange,
        nodeNames,
        controllers,
        scheduler,
        heapGrowth);
  }

  public ControlPlaneOptions withControllers() {
    return new ControlPlaneOptions(
        binaries,
        directory,
        bindAddress,
        advertiseAddress,
        serviceRange,
        podRange,
        nodes,
        true,
        scheduler,
        heapGrowth);
  }

  public ControlPlaneOptions withScheduler() {
    return new ControlPlaneOptions(
        binaries,
        directory,
        bindAddress,
        advertiseAddress,
        serviceRange,
        podRange,
        nodes,
        controllers,
        true,
        heapGrowth);
  }

  /** With a smaller heap, and more work to keep it so. */
  public ControlPlaneOptions withHeapGrowth(int percent) {
    return new ControlPlaneOptions(
        binaries,
        directory,
        bindAddress,
        advertiseAddress,
        serviceRange,
        podRange,
        nodes,
        controllers,
        scheduler,
        percent);
  }

  /** Where this host's own clients reach the server. */
  Address local() {
    return bindAddress.toBigInteger().signum() == 0 ? LOOPBACK : bindAddress;
  }
}
