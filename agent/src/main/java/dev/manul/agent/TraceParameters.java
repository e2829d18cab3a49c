package dev.manul.agent;

import dev.manul.agent.trace.TraceQuestion;
import dev.manul.agent.trace.TraceQuestion.Probing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be traced, out of a query: a flow as {@link FlowParameters} has it, {@code sourceNode}
 * and {@code destinationNode} (names, where the ends are pods), {@code probe} (no, also or only).
 */
final class TraceParameters {

  private static final String SOURCE_NODE = "sourceNode";
  private static final String DESTINATION_NODE = "destinationNode";
  private static final String PROBE = "probe";

  private TraceParameters() {}

  /**
   * Reads a query.
   *
   * @throws IllegalArgumentException one line that names the parameter
   */
  static TraceQuestion question(Map<String, List<String>> query) {
    Map<String, List<String>> flow = new HashMap<>(query);
    String source = first(flow.remove(SOURCE_NODE));
    String destination = first(flow.remove(DESTINATION_NODE));
    String probe = first(flow.remove(PROBE));
    return new TraceQuestion(FlowParameters.flow(flow), source, destination, probing(probe));
  }

  private static Probing probing(String text) {
    return switch (text) {
      case "", "no" -> Probing.NO;
      case "also" -> Probing.ALSO;
      case "only" -> Probing.ONLY;
      default ->
          throw new IllegalArgumentException("probe: \"" + text + "\" is none of no, also, only");
    };
  }

  private static String first(List<String> values) {
    return values == null || values.isEmpty() ? "" : values.getFirst();
  }
}
