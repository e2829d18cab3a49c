package dev.manul.policy.meaning;

import dev.manul.model.Selector;
import java.util.List;
import java.util.Set;

/**
 * A policy.
 *
 * @param tier the name of its tier
 * @param order lower is asked first; {@link Double#POSITIVE_INFINITY} when none was given
 * @param selector whom it is about; scoped already (namespace, service accounts), so that it is
 *     asked of labels as they are inherited
 * @param directions those in which it counts; in these, what no rule decides is decided by the tier
 * @param stage when in a packet's way it is asked
 * @param onForward whether it also counts for traffic that host endpoints forward
 * @param staged looked at and counted, never enforced
 */
public record Policy(
    PolicyId id,
    String tier,
    double order,
    Selector selector,
    Set<Direction> directions,
    List<Rule> ingress,
    List<Rule> egress,
    Stage stage,
    boolean onForward,
    boolean staged) {

  /** When in a packet's way a policy is asked. */
  public enum Stage {
    /** After connection tracking and DNAT; for pods and hosts. */
    NORMAL,
    /** Before connection tracking; for host endpoints only ({@code doNotTrack}). */
    UNTRACKED,
    /** Before DNAT; for host endpoints only, ingress only. */
    PRE_DNAT
  }

  public Policy {
    directions = Set.copyOf(directions);
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }

  /** The rules of a direction. */
  public List<Rule> rules(Direction direction) {
    return direction == Direction.INGRESS ? ingress : egress;
  }
}
