package dev.manul.e2e.kind;

import dev.manul.e2e.JudgedReport;
import java.util.List;
import java.util.Map;

/**
 * What the network of a real cluster came to.
 *
 * @param verdict {@code pass} or {@code fail}
 * @param failures why it failed, a line each
 * @param mode the pool's IPIP mode
 * @param checks what was looked at, in order
 * @param pods where the pods are
 * @param rollout the update of the agents under load
 * @param agents the agents' memory
 * @param seconds how long each step took
 */
public record KindReport(
    String verdict,
    List<String> failures,
    String mode,
    List<Check> checks,
    List<PodPlace> pods,
    Rollout rollout,
    List<AgentMemory> agents,
    Map<String, Double> seconds)
    implements JudgedReport {

  /**
   * One thing looked at.
   *
   * @param tried how often it was tried, such as the number of pairs of pods
   * @param passed how often it was as it must be
   */
  public record Check(String name, int tried, int passed, List<String> failures) {}

  /** A pod's place and address. */
  public record PodPlace(String pod, String node, String address) {}

  /**
   * {@code kubectl rollout restart} of the agents while every pod pings every other.
   *
   * @param seconds how long it took until all agents were replaced and ready
   */
  public record Rollout(
      long sent, long lost, double packetsPerSecond, double seconds, List<String> losses) {}

  /**
   * An agent's memory.
   *
   * @param residentMiB its resident set, in MiB
   */
  public record AgentMemory(String node, double residentMiB) {}
}
