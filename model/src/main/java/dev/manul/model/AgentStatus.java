package dev.manul.model;

import java.util.List;

/**
 * What an agent says of itself on its control socket ({@code GET /v1/status}) and what {@code
 * manulctl node status} shows.
 *
 * <p>Times are RFC 3339 in UTC; "" where there is none.
 *
 * @param node the node's name
 * @param version the agent's version
 * @param startedAt when the process began
 * @param ready the answer of the readiness probe
 * @param conditions what is wrong or worth knowing, the reason of an unready agent among them
 * @param startup the steps of the start, in order
 * @param sessions one for each configured BGP neighbour and family group
 * @param routes the state of the route programmer
 * @param policy the state of network policy; null before it is known
 * @param encapsulations what this node's kernel can wrap packets in; none before it is known
 * @param carried what the agent itself carries for pools in UDP, a device each
 */
public record AgentStatus(
    String node,
    String version,
    String startedAt,
    boolean ready,
    List<Condition> conditions,
    List<StartupStep> startup,
    List<Session> sessions,
    Routes routes,
    Policy policy,
    List<Encapsulation> encapsulations,
    List<Carried> carried) {

  /**
   * What became of packets that the agent itself carries, since it began to.
   *
   * @param device the TUN device that they leave and enter this host by
   * @param sent to other nodes
   * @param received from them, and given to this host
   * @param noNode dropped, as no node is known behind their destination
   * @param unknownSender dropped, as they came from no node or from another port
   * @param malformed dropped, as they are no IP packets of the family, or too long
   * @param refused dropped, as the kernel took them in neither direction
   */
  public record Carried(
      String device,
      long sent,
      long received,
      long noNode,
      long unknownSender,
      long malformed,
      long refused) {}

  /**
   * A way of wrapping packets between nodes.
   *
   * @param name {@code ipip} or {@code vxlan}
   * @param available whether the kernel makes devices of the kind
   * @param problem why it does not, or ""
   */
  public record Encapsulation(String name, boolean available, String problem) {}

  /**
   * A named truth about the node.
   *
   * @param type such as {@code Ready}, {@code BlocksReachable}
   * @param status whether it holds
   * @param reason one word in CamelCase
   * @param message one line for people: object, cause, next step
   */
  public record Condition(String type, boolean status, String reason, String message) {}

  /**
   * A step of the agent's start.
   *
   * @param state {@code done}, {@code running} or {@code waiting}
   * @param milliseconds how long it took, or has taken so far
   * @param waitsFor what it waits for, or ""
   */
  public record StartupStep(String name, String state, long milliseconds, String waitsFor) {}

  /**
   * A BGP session.
   *
   * @param peerAddress the neighbour's address, with {@code :port} unless it is 179
   * @param peerType {@code node-to-node mesh}, {@code node specific} or {@code global}
   * @param state {@code up} when Established, else {@code start}
   * @param since when it came into that state
   * @param info the state of RFC 4271 section 8.2.2, with the last error where there is one
   * @param localAddress the session's own address, or ""
   * @param localAs this side's AS number
   * @param peerAs the neighbour's AS number
   * @param received prefixes in Adj-RIB-In
   * @param advertised prefixes in Adj-RIB-Out
   * @param flaps how often an Established session has ended
   */
  public record Session(
      String peerAddress,
      String peerType,
      String state,
      String since,
      String info,
      String localAddress,
      long localAs,
      long peerAs,
      long received,
      long advertised,
      long flaps) {}

  /**
   * The route programmer.
   *
   * @param desired how many routes there ought to be
   * @param installed how many of them the kernel has
   * @param repaired how many the agent has put back after others changed them
   * @param lastFullCheck when the kernel was last read whole
   * @param failing routes the kernel refuses, each with its error
   * @param lines the desired routes as {@code ip route} writes them
   */
  public record Routes(
      int desired,
      int installed,
      long repaired,
      String lastFullCheck,
      List<String> failing,
      List<String> lines) {}

  /**
   * Network policy.
   *
   * @param backend the packet filter, {@code nft} or {@code legacy}; "" before it is chosen
   * @param settled whether the kernel has all it ought to have
   * @param endpoints of this node
   * @param policies asked about them
   * @param sets of addresses in the kernel
   * @param repaired how many writes put back what others had changed
   * @param lastFullCheck when the kernel was last read whole
   * @param lastChangeMicroseconds how long the last change took to be in force
   */
  public record Policy(
      String backend,
      boolean settled,
      int endpoints,
      int policies,
      int sets,
      long repaired,
      String lastFullCheck,
      long lastChangeMicroseconds) {}
}
