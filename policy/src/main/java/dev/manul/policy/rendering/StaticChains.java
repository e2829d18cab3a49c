package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The chains that are there whatever the policies are: where packets enter and leave what is ours.
 *
 * @param hosts whether there are host endpoints, and with which stages
 * @param bridges on which there are pods
 */
record StaticChains(
    PolicyOptions options, AddressFamily family, HostStages hosts, SortedSet<String> bridges) {

  /**
   * ICMPv6 that a pod's link cannot do without (RFC 4890): MLD, router solicitation, neighbours.
   */
  private static final int[] LINK_MESSAGES = {130, 131, 132, 133, 135, 136};

  /**
   * Which stages host endpoints have something to say in.
   *
   * @param any whether there is a host endpoint
   */
  record HostStages(boolean any, boolean untracked, boolean preDnat) {
    static final HostStages NONE = new HostStages(false, false, false);
  }

  private Marks marks() {
    return options.marks();
  }

  /** Our rules in the kernel's chains. */
  List<Hook> hooks(TableName table) {
    return switch (table) {
      case RAW ->
          hosts.any() || !options.tunnelPorts().isEmpty()
              ? List.of(hook("PREROUTING"), hook("OUTPUT"))
              : List.of(hook("PREROUTING"));
      case MANGLE -> hosts.any() ? List.of(hook("PREROUTING"), hook("POSTROUTING")) : List.of();
      case NAT -> List.of();
      case FILTER -> {
        RuleText tail = new RuleText(Marks.are(marks().accept()) + " -j ACCEPT");
        Hook forward = hook("FORWARD");
        List<RuleText> last = new ArrayList<>(forward.last());
        last.add(tail);
        yield List.of(hook("INPUT"), new Hook("FORWARD", forward.first(), last), hook("OUTPUT"));
      }
    };
  }

  private Hook hook(String chain) {
    List<RuleText> jump = List.of(new RuleText("-j manul-" + chain));
    return options.first() ? new Hook(chain, jump, List.of()) : new Hook(chain, List.of(), jump);
  }

  /** The chains of a table; without those that depend on endpoints. */
  Map<String, List<RuleText>> chains(TableName table) {
    Map<String, List<RuleText>> chains = new TreeMap<>();
    switch (table) {
      case RAW -> raw(chains);
      case MANGLE -> mangle(chains);
      case NAT -> {}
      case FILTER -> filter(chains);
    }
    boolean decides = table == TableName.FILTER || hosts.any();
    if (decides && table != TableName.NAT) {
      put(chains, ChainNames.ALLOW, Marks.set(marks().accept()));
      put(chains, ChainNames.PASS, Marks.set(marks().pass()));
      List.of(
              ChainNames.WOULD_ALLOW,
              ChainNames.WOULD_DENY,
              ChainNames.WOULD_PASS,
              ChainNames.WOULD_MISS)
          .forEach(name -> chains.put(name, List.of()));
    }
    if (hosts.any() && table != TableName.NAT) {
      chains.put(ChainNames.FAILSAFE_IN, failsafes(table, true));
      chains.put(ChainNames.FAILSAFE_OUT, failsafes(table, false));
    }
    return chains;
  }

  private void raw(Map<String, List<RuleText>> chains) {
    List<String> before = new ArrayList<>();
    List<String> out = new ArrayList<>();
    before.add(Marks.clear(marks().mask()));
    out.add(Marks.clear(marks().mask()));
    options.tunnelPorts().forEach(port -> before.add(tunnel(port, "") + " -j CT --notrack"));
    if (options.checksSources()) {
      options
          .interfacePrefixes()
          .forEach(p -> before.add("-i " + p + "+ -g " + ChainNames.SOURCES));
      if (!bridges.isEmpty() && options.seesPorts()) {
        options
            .interfacePrefixes()
            .forEach(
                p -> before.add("-m physdev --physdev-in " + p + "+ -g " + ChainNames.SOURCES));
      }
    }
    if (hosts.untracked()) {
      before.add("-j " + ChainNames.FROM_HOST);
      before.add(Marks.are(marks().accept()) + " -j ACCEPT");
      out.add("-j " + ChainNames.TO_HOST_ENDPOINT);
    }
    options.tunnelPorts().forEach(port -> out.add(tunnel(port, "") + " -j CT --notrack"));
    if (hosts.untracked()) {
      out.add(Marks.are(marks().accept()) + " -j ACCEPT");
    }
    put(chains, ChainNames.PREROUTING, before);
    if (hosts.any() || !options.tunnelPorts().isEmpty()) {
      put(chains, ChainNames.OUTPUT, out);
    }
  }

  private void mangle(Map<String, List<RuleText>> chains) {
    if (!hosts.any()) {
      return;
    }
    List<String> before = new ArrayList<>();
    if (hosts.preDnat()) {
      before.add("-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN");
      before.add(Marks.are(marks().accept()) + " -j RETURN");
      pods(options, bridges).forEach(each -> before.add("-i " + each + " -j RETURN"));
      before.add("-j " + ChainNames.FROM_HOST);
    }
    put(chains, ChainNames.PREROUTING, before);
    // What this host sends to another destination than it says at first leaves, perhaps, by
    // another interface than the one that OUTPUT sees.
    put(
        chains,
        ChainNames.POSTROUTING,
        List.of(
            Marks.are(marks().accept()) + " -j RETURN",
            "-m addrtype --src-type LOCAL -m conntrack --ctstate DNAT -j "
                + ChainNames.TO_HOST_ENDPOINT));
  }

  private void filter(Map<String, List<RuleText>> chains) {
    put(chains, ChainNames.INPUT, input());
    put(chains, ChainNames.FORWARD, forward());
    put(chains, ChainNames.OUTPUT, output());
    put(chains, ChainNames.TO_HOST, toHost(ChainNames.FROM_PODS));
    if (!bridges.isEmpty()) {
      put(chains, ChainNames.BRIDGED_TO_HOST, toHost(ChainNames.FROM_BRIDGED));
    }
  }

  /** Interfaces of pods as rules match them. */
  static List<String> pods(PolicyOptions options, SortedSet<String> bridges) {
    List<String> pods = new ArrayList<>();
    options.interfacePrefixes().forEach(prefix -> pods.add(prefix + "+"));
    pods.addAll(bridges);
    return pods;
  }

  private List<String> linkMessages(String where) {
    return family == AddressFamily.IPV4
        ? List.of()
        : IntStream.of(LINK_MESSAGES)
            .mapToObj(
                type -> (where + " -p 58 -m icmp6 --icmpv6-type " + type + " -j ACCEPT").strip())
            .toList();
  }

  private List<String> toHost(String fromPods) {
    List<String> toHost = new ArrayList<>();
    toHost.addAll(linkMessages(""));
    toHost.add("-j " + fromPods);
    toHost.add(
        switch (options.toHost()) {
          case DROP -> EndpointChains.deny(options, TableName.FILTER);
          case ACCEPT -> "-j ACCEPT";
          case RETURN -> "-j RETURN";
        });
    return toHost;
  }

  private List<String> input() {
    List<String> lines = new ArrayList<>();
    if (options.ipip() && family == AddressFamily.IPV4) {
      lines.add("-p 4 " + peers("src") + " -m addrtype --dst-type LOCAL -j ACCEPT");
      lines.add("-p 4 -j DROP");
    }
    for (int port : options.tunnelPorts()) {
      lines.add(tunnel(port, " " + peers("src")) + " -m addrtype --dst-type LOCAL -j ACCEPT");
      lines.add(tunnel(port, "") + " -m addrtype --dst-type LOCAL -j DROP");
    }
    options.interfacePrefixes().forEach(p -> lines.add("-i " + p + "+ -g " + ChainNames.TO_HOST));
    for (String bridge : bridges) {
      linkMessages("-i " + bridge).forEach(lines::add);
      lines.add("-i " + bridge + " -j " + ChainNames.BRIDGE_TO_HOST);
    }
    if (hosts.any()) {
      lines.add(Marks.are(marks().accept()) + " -j ACCEPT");
      lines.add(Marks.clear(marks().mask()));
      lines.add("-j " + ChainNames.FROM_HOST);
      lines.add(Marks.are(marks().accept()) + " -j ACCEPT");
    }
    return lines;
  }

  private List<String> forward() {
    List<String> lines = new ArrayList<>();
    if (hosts.any()) {
      lines.add(Marks.clear(marks().mask() & ~marks().accept()));
      lines.add(Marks.areNot(marks().accept()) + " -j " + ChainNames.FROM_HOST_FORWARD);
    }
    options.interfacePrefixes().forEach(p -> lines.add("-i " + p + "+ -j " + ChainNames.FROM_PODS));
    for (String bridge : bridges) {
      linkMessages("-i " + bridge + " -o " + bridge).forEach(lines::add);
      lines.add("-i " + bridge + " -j " + ChainNames.FROM_BRIDGED);
    }
    options.interfacePrefixes().forEach(p -> lines.add("-o " + p + "+ -j " + ChainNames.TO_PODS));
    bridges.forEach(bridge -> lines.add("-o " + bridge + " -j " + ChainNames.TO_BRIDGED));
    if (hosts.any()) {
      lines.add("-j " + ChainNames.TO_HOST_FORWARD);
    }
    return lines;
  }

  private List<String> output() {
    List<String> lines = new ArrayList<>();
    if (hosts.any()) {
      lines.add(Marks.are(marks().accept()) + " -j ACCEPT");
    }
    pods(options, bridges).forEach(each -> lines.add("-o " + each + " -j RETURN"));
    if (options.ipip() && family == AddressFamily.IPV4) {
      lines.add("-p 4 " + peers("dst") + " -m addrtype --src-type LOCAL -j ACCEPT");
    }
    for (int port : options.tunnelPorts()) {
      lines.add(tunnel(port, " " + peers("dst")) + " -m addrtype --src-type LOCAL -j ACCEPT");
    }
    if (hosts.any()) {
      lines.add(Marks.clear(marks().mask()));
      lines.add("-m conntrack ! --ctstate DNAT -j " + ChainNames.TO_HOST_ENDPOINT);
      lines.add(Marks.are(marks().accept()) + " -j ACCEPT");
    }
    return lines;
  }

  /** Before tracking, the answers to what failsafes let through have to be let through as well. */
  private List<RuleText> failsafes(TableName table, boolean in) {
    List<RuleText> lines = new ArrayList<>();
    List<Failsafe> own = in ? options.failsafeInbound() : options.failsafeOutbound();
    List<Failsafe> others = in ? options.failsafeOutbound() : options.failsafeInbound();
    String peer = in ? "-s" : "-d";
    own.forEach(one -> one.rule(family, "--dport", peer).ifPresent(lines::add));
    if (table == TableName.RAW) {
      others.forEach(one -> one.rule(family, "--sport", peer).ifPresent(lines::add));
    }
    return lines;
  }

  private static String tunnel(int port, String more) {
    return "-p udp -m udp --dport " + port + more;
  }

  private String peers(String side) {
    return "-m set --match-set " + SetNames.name(SetNames.TUNNEL_PEERS, family) + " " + side;
  }

  private static void put(Map<String, List<RuleText>> chains, String name, String line) {
    put(chains, name, List.of(line));
  }

  private static void put(Map<String, List<RuleText>> chains, String name, List<String> lines) {
    chains.put(name, lines.stream().map(RuleText::new).toList());
  }
}
