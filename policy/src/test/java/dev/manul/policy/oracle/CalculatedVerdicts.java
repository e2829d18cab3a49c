package dev.manul.policy.oracle;

import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.explanation.Explanation;
import dev.manul.policy.explanation.Flow;
import dev.manul.policy.explanation.Known;
import dev.manul.policy.explanation.Passage;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.oracle.Decision.Verdict;
import java.util.Optional;
import java.util.Set;

/**
 * What the calculated plans, rules and sets say to a packet, as it is explained to users: so
 * explanations are held against the oracle, too.
 */
public final class CalculatedVerdicts {

  private final Mirror state;

  public CalculatedVerdicts(Mirror state) {
    this.state = state;
  }

  /** What becomes of a packet. */
  public Verdict decide(EndpointId id, Hook hook, Direction direction, Packet packet) {
    return Verdict.valueOf(explain(id, hook, direction, packet).verdict().name());
  }

  /** What becomes of a packet, and why. */
  public Explanation explain(EndpointId id, Hook hook, Direction direction, Packet packet) {
    return Explanation.of(
        state.endpoints().get(id),
        Passage.valueOf(hook.name()),
        direction,
        flow(packet),
        new KnownByMirror(state));
  }

  private static Flow flow(Packet packet) {
    return new Flow(
        packet.source(),
        packet.destination(),
        packet.protocol(),
        packet.sourcePort(),
        packet.destinationPort(),
        packet.icmpType(),
        packet.icmpCode());
  }

  private record KnownByMirror(Mirror state) implements Known {
    @Override
    public Optional<ActivePolicy> policy(PolicyId id) {
      return Optional.ofNullable(state.policies().get(id));
    }

    @Override
    public Optional<ActiveProfile> profile(String name) {
      return Optional.ofNullable(state.profiles().get(name));
    }

    @Override
    public Set<Member> members(SetId id) {
      return state.sets().get(id);
    }
  }
}
