package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.policy.explanation.Flow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowParametersTest {
  private static Map<String, List<String>> query(String text) {
    Map<String, List<String>> query = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] both = pair.split("=", 2);
      query.put(both[0], List.of(both[1]));
    }
    return query;
  }

  @Test
  void tcpIsMeantWhenNothingIsSaid() {
    assertThat(FlowParameters.flow(query("source=10.0.0.1&destination=10.0.0.2&port=80")))
        .isEqualTo(
            new Flow(Address.parse("10.0.0.1"), Address.parse("10.0.0.2"), 6, 40_000, 80, 0, 0));
  }

  @Test
  void icmpIsThatOfTheFamily() {
    assertThat(FlowParameters.flow(query("source=fd00::1&destination=fd00::2&protocol=icmp")))
        .isEqualTo(new Flow(Address.parse("fd00::1"), Address.parse("fd00::2"), 58, 0, 0, 128, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "destination=10.0.0.2 | source: is missing; wanted an address",
        "source=10.0.0.1&destination=10.0.0.2&protocol=tpc"
            + " | protocol: \"tpc\" is none of TCP, UDP, SCTP, ICMP, 1 to 255",
        "source=10.0.0.1&destination=10.0.0.2&port=http | port: \"http\" is no number",
        "source=10.0.0.1&destination=10.0.0.2&protocol=icmp&port=1"
            + " | port: only TCP, UDP and SCTP have ports",
        "source=10.0.0.1&destination=10.0.0.2&dport=1 | dport: unknown; known are destination,"
            + " icmpCode, icmpType, port, protocol, source, sourcePort",
      })
  void whatIsWrongIsNamed(String text, String message) {
    assertThatThrownBy(() -> FlowParameters.flow(query(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
