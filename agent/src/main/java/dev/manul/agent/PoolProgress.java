package dev.manul.agent;

import dev.manul.routes.NodeView;
import dev.manul.routes.ProgrammerStatus;
import dev.manul.routes.RouteIssue;
import dev.manul.routes.RouteProgrammer;
import java.util.List;

/**
 * How far this node has followed the pools' modes ({@code GET /v1/pools}).
 *
 * @param settled whether the kernel has all routes that follow from the modes
 * @param pools by which modes routes are made
 * @param waiting a line for each route that waits for a tunnel, here or at the other end
 */
record PoolProgress(String node, boolean settled, List<Modes> pools, List<String> waiting) {

  /** The modes of a pool. */
  record Modes(String name, String ipipMode, String vxlanMode) {}

  /** Asks the route programmer, which answers when it has done what it was told before. */
  static PoolProgress of(NodeView view, RouteProgrammer programmer) {
    List<String> _ = programmer.lines();
    ProgrammerStatus status = programmer.status();
    return new PoolProgress(
        view.node(),
        status.settled(),
        view.pools().stream()
            .map(
                pool ->
                    new Modes(
                        pool.metadata().name(),
                        pool.spec().ipipMode().toString(),
                        pool.spec().vxlanMode().toString()))
            .toList(),
        status.issues().stream().filter(PoolProgress::isWaiting).map(RouteIssue::message).toList());
  }

  private static boolean isWaiting(RouteIssue issue) {
    return switch (issue.reason()) {
      case TUNNEL_END_NOT_READY, TUNNEL_DEVICE_MISSING, TUNNEL_DEVICE_FAILING -> true;
      default -> false;
    };
  }
}
