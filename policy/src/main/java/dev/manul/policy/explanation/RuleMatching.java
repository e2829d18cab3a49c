package dev.manul.policy.explanation;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.IcmpMatch;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Rule;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Asks rules about one flow, as rules of a kernel would: no selector, no label and no service is
 * looked at, only sets. A set is asked for its members once.
 */
final class RuleMatching {

  private final Known known;
  private final Flow flow;
  private final Map<SetId, Set<Member>> members = new HashMap<>();

  RuleMatching(Known known, Flow flow) {
    this.known = known;
    this.flow = flow;
  }

  boolean matches(ActiveRule active) {
    Rule rule = active.rule();
    if (rule.family().isPresent() && rule.family().get() != flow.family()) {
      return false;
    }
    int protocol = flow.protocol();
    if (rule.protocol().orElse(protocol) != protocol || rule.notProtocol().orElse(-1) == protocol) {
      return false;
    }
    int familyProtocol = flow.family() == AddressFamily.IPV4 ? Flow.ICMP : Flow.ICMPV6;
    if (flow.isIcmp() && protocol != familyProtocol) {
      return false;
    }
    return rule.icmp().map(this::matches).orElse(true)
        && !rule.notIcmp().map(this::matches).orElse(false)
        && matches(rule.source(), active.source(), flow.source(), flow.sourcePort())
        && matches(
            rule.destination(), active.destination(), flow.destination(), flow.destinationPort());
  }

  private boolean matches(IcmpMatch icmp) {
    return icmp.type().orElse(flow.icmpType()) == flow.icmpType()
        && icmp.code().orElse(flow.icmpCode()) == flow.icmpCode();
  }

  private boolean matches(Peer peer, ActiveRule.Sets sets, Address address, int port) {
    boolean net = peer.nets().isEmpty();
    for (var prefix : peer.nets()) {
      net |= prefix.contains(address);
    }
    for (var prefix : peer.notNets()) {
      net &= !prefix.contains(address);
    }
    if (!net
        || !sets.in().stream().allMatch(id -> contains(id, address, port))
        || sets.notIn().stream().anyMatch(id -> contains(id, address, port))) {
      return false;
    }
    if (!peer.ports().isEmpty() || !sets.namedPorts().isEmpty()) {
      boolean wanted =
          peer.ports().stream().anyMatch(range -> flow.hasPorts() && range.contains(port))
              || sets.namedPorts().stream().anyMatch(id -> contains(id, address, port));
      if (!wanted) {
        return false;
      }
    }
    return peer.notPorts().stream().noneMatch(range -> range.contains(port))
        && sets.notNamedPorts().stream().noneMatch(id -> contains(id, address, port));
  }

  private boolean contains(SetId id, Address address, int port) {
    Set<Member> all = members.computeIfAbsent(id, known::members);
    return switch (id) {
      case SetId.Named _, SetId.ServicePorts _ ->
          all.contains(new Member.Port(address, flow.protocol(), port));
      case SetId.Selected _, SetId.Service _ ->
          all.contains(new Member.Net(address.toPrefix()))
              || all.stream()
                  .anyMatch(member -> member instanceof Member.Net(var p) && p.contains(address));
    };
  }
}
