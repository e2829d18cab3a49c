package dev.manul.agent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.agent.trace.ForwardChain.Outcome;
import dev.manul.agent.trace.ForwardChain.Packet;
import dev.manul.model.Address;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardChainTest {
  private static final Packet PACKET =
      new Packet(
          Address.parse("10.244.1.2"),
          Address.parse("10.244.2.3"),
          "vxlan.calico",
          "cali0a1b2c3d4e5",
          6,
          "NEW");

  @Test
  void answersAreOfAConnectionThatIsKnown() {
    List<String> rules =
        List.of(
            "-P FORWARD DROP", "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    Packet answer =
        new Packet(
            PACKET.destination(),
            PACKET.source(),
            PACKET.out(),
            PACKET.in(),
            PACKET.protocol(),
            "ESTABLISHED");
    assertThat(ForwardChain.follow(rules, answer).verdict()).isEqualTo(ForwardChain.Verdict.PASSED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-P FORWARD ACCEPT | PASSED",
        "-P FORWARD DROP | DROPPED",
        // our last rule accepts what policy allows, so that the chain's policy is not reached
        "-P FORWARD DROP; -A FORWARD -m comment --comment \"manul:x\" -j manul-FORWARD;"
            + " -A FORWARD -m comment --comment \"manul:y\" -m mark --mark 0x1/0x1 -j ACCEPT | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -d 10.244.2.3/32 -j DROP | DROPPED",
        "-P FORWARD ACCEPT; -A FORWARD -d 10.244.2.0/24 -j REJECT --reject-with icmp-port-unreachable"
            + " | DROPPED",
        "-P FORWARD ACCEPT; -A FORWARD ! -d 10.244.2.0/24 -j DROP | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -s 10.244.9.0/24 -j DROP | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -p udp -j DROP | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -p tcp -j DROP | DROPPED",
        "-P FORWARD ACCEPT; -A FORWARD -i eth+ -j DROP | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -o cali+ -j DROP | DROPPED",
        "-P FORWARD DROP; -A FORWARD -i vxlan.calico -j ACCEPT | PASSED",
        "-P FORWARD DROP; -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT | DROPPED",
        "-P FORWARD ACCEPT; -A FORWARD -m conntrack --ctstate INVALID -j DROP | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -m conntrack --ctstate INVALID,NEW -j DROP | DROPPED",
        // what is not understood may match, and may not
        "-P FORWARD ACCEPT; -A FORWARD -m set --match-set x src -j DROP | UNCERTAIN",
        "-P FORWARD DROP; -A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT | UNCERTAIN",
        "-P FORWARD ACCEPT; -A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT | PASSED",
        "-P FORWARD DROP; -A FORWARD -p tcp -m tcp --dport 80 -j DROP | DROPPED",
        "-P FORWARD ACCEPT; -A FORWARD -p udp -m udp --dport 80 -j DROP | PASSED",
        // chains of others are not followed
        "-P FORWARD ACCEPT; -A FORWARD -j DOCKER-USER | PASSED",
        // a comment is one word
        "-P FORWARD ACCEPT; -A FORWARD -m comment --comment \"see -j DROP\" -j LOG | PASSED",
        "-P FORWARD ACCEPT; -A FORWARD -d 2001:db8::/32 -j DROP | PASSED",
      })
  void followsRulesInTheirOrder(String rules, ForwardChain.Verdict verdict) {
    Outcome outcome = ForwardChain.follow(List.of(rules.split("; ", -1)), PACKET);
    assertThat(outcome.verdict()).as(outcome.text()).isEqualTo(verdict);
  }
}
