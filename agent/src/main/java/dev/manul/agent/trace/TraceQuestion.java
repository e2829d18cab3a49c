package dev.manul.agent.trace;

import dev.manul.policy.explanation.Flow;

/**
 * What is asked of an agent.
 *
 * @param flow the first packet, from the source to the destination
 * @param sourceNode the name of the source's node; "" when it is not known to have one
 * @param destinationNode likewise
 * @param probe whether to try it: by an echo request or a connection from within the pod
 */
public record TraceQuestion(Flow flow, String sourceNode, String destinationNode, Probing probe) {

  /** Whether the way is tried. */
  public enum Probing {
    NO,
    ALSO,
    /** And nothing else is looked at. */
    ONLY
  }
}
