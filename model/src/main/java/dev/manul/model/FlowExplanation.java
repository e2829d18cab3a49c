package dev.manul.model;

import java.util.List;

/**
 * What an agent says about a flow ({@code GET /v1/policy/explain}) and what {@code manulctl policy
 * explain} shows: what becomes of the first packet of a connection as far as this node decides.
 *
 * @param node whose agent says so
 * @param protocol its name, or its number when it has none
 * @param port the destination's; 0 where the protocol has none
 * @param verdict {@code denied} when a half denies, {@code allowed} when both halves are decided
 *     here and allow, else {@code undecided}
 * @param halves the way out of the source, then the way into the destination
 */
public record FlowExplanation(
    String node,
    String source,
    String destination,
    String protocol,
    int port,
    String verdict,
    List<Half> halves) {

  public static final String ALLOWED = "allowed";
  public static final String DENIED = "denied";
  public static final String UNDECIDED = "undecided";

  /** Of a half: its endpoint is not on this node. */
  public static final String ELSEWHERE = "elsewhere";

  public FlowExplanation {
    halves = List.copyOf(halves);
  }

  /**
   * One end of a flow.
   *
   * @param direction {@code egress} of the source or {@code ingress} of the destination
   * @param endpoint as in {@code WorkloadEndpoint default/node-k8s-web-eth0}; "" when the address
   *     is no endpoint of this node
   * @param verdict {@code allowed}, {@code denied} or {@code elsewhere}
   * @param decidedBy what decides, for people
   * @param steps what was asked, in order
   * @param backend the packet filter, {@code nft} or {@code legacy}; "" when no rule stands for it
   * @param table of the packet filter
   * @param chain where the rule is
   * @param endpointChain where packets of the endpoint begin
   * @param lines the rule's lines
   */
  public record Half(
      String direction,
      String address,
      String endpoint,
      String verdict,
      String decidedBy,
      List<Step> steps,
      String backend,
      String table,
      String chain,
      String endpointChain,
      List<Line> lines) {
    public Half {
      steps = List.copyOf(steps);
      lines = List.copyOf(lines);
    }
  }

  /**
   * Something that was asked.
   *
   * @param tier of a policy, else ""
   * @param asked as in {@code NetworkPolicy prod/web}
   * @param outcome for people
   */
  public record Step(String tier, String asked, boolean staged, String outcome) {}

  /**
   * A line of the packet filter.
   *
   * @param number its place in the chain, from 1
   * @param packets what it has matched since it was written; -1 when the kernel did not say
   * @param bytes likewise
   */
  public record Line(int number, String rule, long packets, long bytes) {}
}
