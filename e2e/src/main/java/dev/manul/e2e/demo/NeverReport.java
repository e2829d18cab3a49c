package dev.manul.e2e.demo;

import dev.manul.e2e.JudgedReport;
import java.util.List;

/**
 * What mode {@code Never} came to on a lab.
 *
 * @param verdict {@code pass} or {@code fail}
 * @param failures why it failed, a line each
 * @param topology the lab's name
 * @param routerKnows whether the router speaks BGP and so knows where the pods are
 * @param captures pings on the wire; to pods that cannot be reached there is none
 * @param unanswered pairs of pods, {@code FROM > TO}, without an answer
 * @param tunnelRoutes routes through {@code tunl0}, {@code NODE: ROUTE}
 * @param conditions the nodes' condition of type BlocksReachable
 */
public record NeverReport(
    String verdict,
    List<String> failures,
    String topology,
    boolean routerKnows,
    List<DemoReport.Capture> captures,
    List<String> unanswered,
    List<String> tunnelRoutes,
    List<NodeCondition> conditions)
    implements JudgedReport {

  /** A condition in a node's status. */
  public record NodeCondition(String node, String status, String reason, String message) {}
}
