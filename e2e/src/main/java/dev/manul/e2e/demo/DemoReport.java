package dev.manul.e2e.demo;

import dev.manul.e2e.JudgedReport;
import dev.manul.model.EncapsulationMode;
import java.util.List;
import java.util.Map;

/**
 * All that a demo found out, as {@code --json} writes it.
 *
 * @param verdict {@code pass} or {@code fail}
 * @param failures why it failed, a line each
 * @param datastore where the cluster's state was, {@code file} or {@code kubernetes}
 * @param topology the lab's name
 * @param kernel the kernel it ran on, as {@code uname -r} has it
 * @param matrix pings between all pods
 * @param captures pings seen on the wire of the sender's node
 * @param switches changes of the mode under load
 * @param restart an agent killed and started again under load
 * @param repair a route deleted by hand
 * @param outages the datastore's server away under load; none where it has no server
 * @param nodes the nodes at the end
 * @param seconds how long each step took
 */
public record DemoReport(
    String verdict,
    List<String> failures,
    String datastore,
    String topology,
    String kernel,
    Matrix matrix,
    List<Capture> captures,
    List<Switch> switches,
    Restart restart,
    Repair repair,
    List<Outage> outages,
    List<NodeFigures> nodes,
    Map<String, Double> seconds)
    implements JudgedReport {

  /** Ordered pairs of pods, and how many of them heard an answer. */
  public record Matrix(int pairs, int answered) {}

  /**
   * A ping on the wire.
   *
   * @param from the sending pod
   * @param to the receiving pod
   * @param outer the outer addresses, {@code SOURCE > DESTINATION}, or "" when there is no outer
   *     header
   * @param inner the pods' addresses, likewise
   */
  public record Capture(
      EncapsulationMode mode,
      String from,
      String to,
      boolean sameSubnet,
      boolean encapsulated,
      String outer,
      String inner) {}

  /**
   * A change of the pool's mode while pods of all ordered pairs of nodes ping each other.
   *
   * @param milliseconds from the command until all kernels had all routes of the new mode
   */
  public record Switch(
      EncapsulationMode from,
      EncapsulationMode to,
      long sent,
      long lost,
      double packetsPerSecond,
      long milliseconds) {}

  /**
   * A SIGKILL of an agent and its restart under load.
   *
   * @param routeEvents changes to routes that were there before, on any node
   * @param readyMs from the new process's start until it called itself ready
   */
  public record Restart(
      String node, long sent, long lost, List<String> routeEvents, long readyMs) {}

  /**
   * A route of Manul's deleted by hand.
   *
   * @param milliseconds between the kernel's two notifications, or -1 when it did not come back
   * @param foreignKept whether a route of another owner outlived the demo
   */
  public record Repair(String node, String route, double milliseconds, boolean foreignKept) {}

  /**
   * The datastore's server frozen, then killed, then started again, all under load.
   *
   * @param frozenSeconds how long it kept its connections and answered nothing
   * @param goneSeconds how long it was gone
   * @param routeEvents changes to routes meanwhile, on any node
   * @param changeMillis from a change of the pool's mode after its return until all kernels had all
   *     routes of the new mode
   */
  public record Outage(
      double frozenSeconds,
      double goneSeconds,
      long sent,
      long lost,
      List<String> routeEvents,
      long changeMillis) {}

  /** A node's agent at the end. */
  public record NodeFigures(String name, long rssMiB, long readyMs, int sessions, int routes) {}
}
