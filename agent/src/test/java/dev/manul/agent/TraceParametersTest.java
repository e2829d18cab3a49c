package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.agent.trace.TraceQuestion;
import dev.manul.agent.trace.TraceQuestion.Probing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceParametersTest {
  private static final Map<String, List<String>> FLOW =
      Map.of(
          "source", List.of("10.0.0.1"),
          "destination", List.of("10.0.0.2"),
          "protocol", List.of("ICMP"));

  private static Map<String, List<String>> with(String name, String value) {
    Map<String, List<String>> query = new java.util.HashMap<>(FLOW);
    query.put(name, List.of(value));
    return query;
  }

  @Test
  void nodesAndProbeMayBeLeftOut() {
    TraceQuestion question = TraceParameters.question(FLOW);
    assertThat(question.sourceNode()).isEmpty();
    assertThat(question.destinationNode()).isEmpty();
    assertThat(question.probe()).isEqualTo(Probing.NO);
    assertThat(TraceParameters.question(with("sourceNode", "a")).sourceNode()).isEqualTo("a");
    assertThat(TraceParameters.question(with("probe", "only")).probe()).isEqualTo(Probing.ONLY);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> TraceParameters.question(with("probe", "maybe")))
        .hasMessage("probe: \"maybe\" is none of no, also, only");
    assertThatThrownBy(() -> TraceParameters.question(with("node", "a")))
        .hasMessageStartingWith("node: unknown; known are destination");
  }
}
