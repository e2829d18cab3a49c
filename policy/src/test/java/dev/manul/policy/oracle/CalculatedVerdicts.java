package dev.manul.policy.oracle;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.oracle.Decision.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the calculated plans, rules and sets say to a packet, as rules of a kernel would: no
 * selector, no label and no service is looked at.
 */
public final class CalculatedVerdicts {

  private final Mirror state;

  public CalculatedVerdicts(Mirror state) {
    this.state = state;
  }

  /** What becomes of a packet. */
  public Verdict decide(EndpointId id, Hook hook, Direction direction, Packet packet) {
    EndpointPlan plan = state.endpoints().get(id);
    boolean in = direction == Direction.INGRESS;
    List<TierPlan> tiers =
        switch (hook) {
          case NORMAL -> in ? plan.ingress() : plan.egress();
          case FORWARD -> in ? plan.forwardIngress() : plan.forwardEgress();
          case UNTRACKED -> in ? plan.untrackedIngress() : plan.untrackedEgress();
          case PRE_DNAT -> in ? plan.preDnatIngress() : List.of();
        };
    boolean early = hook == Hook.UNTRACKED || hook == Hook.PRE_DNAT;
    boolean asked = false;
    for (TierPlan tier : tiers) {
      Optional<Action> action = Optional.empty();
      boolean enforced = false;
      for (PolicyId policyId : tier.policies()) {
        ActivePolicy policy = state.policies().get(policyId);
        if (!policy.policy().staged() && action.isEmpty()) {
          enforced = true;
          action = firstOf(in ? policy.ingress() : policy.egress(), packet);
        }
      }
      asked |= enforced;
      if (action.isEmpty() && enforced && !early) {
        action = Optional.of(tier.defaultAction());
      }
      if (action.isPresent() && action.get() != Action.PASS) {
        return verdict(action.get());
      }
    }
    if (hook != Hook.NORMAL) {
      return hook == Hook.FORWARD && !asked ? Verdict.ALLOW : Verdict.UNDECIDED;
    }
    for (String name : plan.profiles()) {
      ActiveProfile profile = state.profiles().get(name);
      Optional<Action> action = firstOf(in ? profile.ingress() : profile.egress(), packet);
      if (action.isPresent() && action.get() != Action.PASS) {
        return verdict(action.get());
      }
    }
    return Verdict.DENY;
  }

  private static Verdict verdict(Action action) {
    return action == Action.ALLOW ? Verdict.ALLOW : Verdict.DENY;
  }

  private Optional<Action> firstOf(List<ActiveRule> rules, Packet packet) {
    return rules.stream()
        .filter(rule -> rule.rule().action() != Action.LOG && matches(rule, packet))
        .map(rule -> rule.rule().action())
        .findFirst();
  }

  private boolean matches(ActiveRule active, Packet packet) {
    Rule rule = active.rule();
    if (rule.family().isPresent() && rule.family().get() != packet.family()) {
      return false;
    }
    int protocol = packet.protocol();
    if (rule.protocol().orElse(protocol) != protocol || rule.notProtocol().orElse(-1) == protocol) {
      return false;
    }
    int familyProtocol = packet.family() == AddressFamily.IPV4 ? Packet.ICMP : Packet.ICMPV6;
    if (packet.isIcmp() && protocol != familyProtocol) {
      return false;
    }
    return rule.icmp().map(icmp -> icmpMatches(icmp, packet)).orElse(true)
        && !rule.notIcmp().map(icmp -> icmpMatches(icmp, packet)).orElse(false)
        && matches(rule.source(), active.source(), packet, packet.source(), packet.sourcePort())
        && matches(
            rule.destination(),
            active.destination(),
            packet,
            packet.destination(),
            packet.destinationPort());
  }

  private static boolean icmpMatches(IcmpMatch icmp, Packet packet) {
    return icmp.type().orElse(packet.icmpType()) == packet.icmpType()
        && icmp.code().orElse(packet.icmpCode()) == packet.icmpCode();
  }

  private boolean matches(
      Peer peer, ActiveRule.Sets sets, Packet packet, Address address, int port) {
    boolean net = peer.nets().isEmpty();
    for (var prefix : peer.nets()) {
      net |= prefix.contains(address);
    }
    for (var prefix : peer.notNets()) {
      net &= !prefix.contains(address);
    }
    if (!net
        || !sets.in().stream().allMatch(id -> contains(id, packet, address, port))
        || sets.notIn().stream().anyMatch(id -> contains(id, packet, address, port))) {
      return false;
    }
    if (!peer.ports().isEmpty() || !sets.namedPorts().isEmpty()) {
      boolean wanted =
          peer.ports().stream().anyMatch(range -> packet.hasPorts() && range.contains(port))
              || sets.namedPorts().stream().anyMatch(id -> contains(id, packet, address, port));
      if (!wanted) {
        return false;
      }
    }
    return peer.notPorts().stream().noneMatch(range -> range.contains(port))
        && sets.notNamedPorts().stream().noneMatch(id -> contains(id, packet, address, port));
  }

  private boolean contains(SetId id, Packet packet, Address address, int port) {
    Set<Member> members = state.sets().get(id);
    return switch (id) {
      case SetId.Named _, SetId.ServicePorts _ ->
          members.contains(new Member.Port(address, packet.protocol(), port));
      case SetId.Selected _, SetId.Service _ ->
          members.stream()
              .anyMatch(member -> member instanceof Member.Net(var p) && p.contains(address));
    };
  }
}
