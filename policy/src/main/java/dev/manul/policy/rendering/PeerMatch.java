package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.PortRange;
import java.util.ArrayList;
import java.util.List;

/** Collects what a rule asks of both ends of a packet, in the words of iptables. */
final class PeerMatch {

  /** The kernel's multiport match takes so many ports; a range counts as two. */
  private static final int MOST_PORTS = 15;

  private final AddressFamily family;

  /** All must hold; they go into one line. */
  final List<String> inline = new ArrayList<>();

  /** Of each list one must hold. */
  final List<List<String>> alternatives = new ArrayList<>();

  /** None must hold. */
  final List<String> never = new ArrayList<>();

  /** No packet of the family can be what is asked. */
  boolean impossible;

  PeerMatch(AddressFamily family) {
    this.family = family;
  }

  /** Whether something is asked that only packets with ports have. */
  static boolean asksPorts(ActiveRule.Sets sets, Peer peer) {
    return !peer.ports().isEmpty()
        || !peer.notPorts().isEmpty()
        || !sets.namedPorts().isEmpty()
        || !sets.notNamedPorts().isEmpty();
  }

  /** A rule may ask for a protocol and against one. */
  void checkNotProtocol(String protocol, int notProtocol) {
    impossible |= protocol.equals("-p " + notProtocol);
  }

  /** Adds what is asked of one end. Matches of ports need one of the protocol in the same line. */
  void add(Peer peer, ActiveRule.Sets sets, boolean source) {
    nets(peer, source);
    sets.in().forEach(id -> inline.add(set(id, source, false)));
    sets.notIn().forEach(id -> inline.add(set(id, source, true)));
    ports(peer, sets, source);
  }

  private void nets(Peer peer, boolean source) {
    String option = source ? "-s " : "-d ";
    List<Prefix> nets = ofFamily(peer.nets());
    List<Prefix> notNets = ofFamily(peer.notNets());
    impossible |= nets.isEmpty() && !peer.nets().isEmpty();
    impossible |= notNets.stream().anyMatch(net -> net.length() == 0);
    boolean optionUsed = false;
    if (nets.stream().noneMatch(net -> net.length() == 0)) {
      optionUsed = !nets.isEmpty(); // a line can ask for one prefix of a side only
      if (nets.size() == 1) {
        inline.add(option + nets.getFirst());
      } else if (!nets.isEmpty()) {
        alternatives.add(nets.stream().map(net -> option + net).toList());
      }
    }
    if (notNets.size() == 1 && !optionUsed) {
      inline.add("! " + option + notNets.getFirst());
    } else {
      notNets.forEach(net -> never.add(option + net));
    }
  }

  private List<Prefix> ofFamily(List<Prefix> nets) {
    return nets.stream().filter(net -> net.family() == family).distinct().toList();
  }

  private void ports(Peer peer, ActiveRule.Sets sets, boolean source) {
    List<String> wanted = new ArrayList<>();
    String option = source ? " --sports " : " --dports ";
    grouped(peer.ports()).forEach(list -> wanted.add("-m multiport" + option + list));
    sets.namedPorts().forEach(id -> wanted.add(set(id, source, false)));
    if (wanted.size() == 1) {
      inline.add(wanted.getFirst());
    } else if (!wanted.isEmpty()) {
      alternatives.add(wanted);
    } else {
      impossible |= !peer.namedPorts().isEmpty();
    }
    grouped(peer.notPorts()).forEach(list -> inline.add("-m multiport !" + option + list));
    sets.notNamedPorts().forEach(id -> inline.add(set(id, source, true)));
  }

  /** Lists of ports that fit into one match each. */
  private static List<String> grouped(List<PortRange> ports) {
    List<String> lists = new ArrayList<>();
    var list = new StringBuilder();
    int used = 0;
    for (PortRange range : ports) {
      int slots = range.first() == range.last() ? 1 : 2;
      if (used + slots > MOST_PORTS) {
        lists.add(list.toString());
        list.setLength(0);
        used = 0;
      }
      list.append(used == 0 ? "" : ",").append(range);
      used += slots;
    }
    if (used > 0) {
      lists.add(list.toString());
    }
    return lists;
  }

  private String set(SetId id, boolean source, boolean not) {
    String side = source ? "src" : "dst";
    return "-m set %s--match-set %s %s"
        .formatted(
            not ? "! " : "",
            SetNames.name(SetNames.label(id), family),
            SetNames.hasPorts(id) ? side + "," + side : side);
  }
}
