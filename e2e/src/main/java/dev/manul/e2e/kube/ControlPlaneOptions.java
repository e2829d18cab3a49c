package dev.manul.e2e.kube;

import dev.manul.model.Address;
import java.util.List;

/**
 * How a control plane is started.
 *
 * @param binaries where its programs are
 * @param address where the API server listens, and what clients are told; also the endpoint of the
 *     service {@code kubernetes}
 * @param nodes node names; each gets a kubelet's identity and kubeconfig
 * @param controllers whether kube-controller-manager runs; service accounts are of use only then
 * @param scheduler whether kube-scheduler runs
 * @param heapGrowth how much the API server's heap grows between two collections, in percent of
 *     what is live: Go's GOGC, 100 by default
 */
public record ControlPlaneOptions(
    KubeBinaries binaries,
    Address address,
    List<String> nodes,
    boolean controllers,
    boolean scheduler,
    int heapGrowth) {

  private static final int DEFAULT_HEAP_GROWTH = 100;

  public ControlPlaneOptions {
    nodes = List.copyOf(nodes);
  }

  /** An API server for clients on this host, without controllers. */
  public static ControlPlaneOptions of(KubeBinaries binaries) {
    return new ControlPlaneOptions(
        binaries, Address.parse("127.0.0.1"), List.of(), false, false, DEFAULT_HEAP_GROWTH);
  }

  /** For clients elsewhere too, such as in other network namespaces. */
  public ControlPlaneOptions at(Address newAddress) {
    return new ControlPlaneOptions(binaries, newAddress, nodes, controllers, scheduler, heapGrowth);
  }

  public ControlPlaneOptions withNodes(List<String> nodeNames) {
    return new ControlPlaneOptions(
        binaries, address, nodeNames, controllers, scheduler, heapGrowth);
  }

  public ControlPlaneOptions withControllers() {
    return new ControlPlaneOptions(binaries, address, nodes, true, scheduler, heapGrowth);
  }

  public ControlPlaneOptions withScheduler() {
    return new ControlPlaneOptions(binaries, address, nodes, controllers, true, heapGrowth);
  }

  /** With a smaller heap, and more work to keep it so. */
  public ControlPlaneOptions withHeapGrowth(int percent) {
    return new ControlPlaneOptions(binaries, address, nodes, controllers, scheduler, percent);
  }
}
