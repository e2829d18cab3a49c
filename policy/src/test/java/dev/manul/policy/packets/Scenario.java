package dev.manul.policy.packets;

import static dev.manul.policy.meaning.Direction.EGRESS;
import static dev.manul.policy.meaning.Direction.INGRESS;
import static dev.manul.policy.packets.Sketch.allow;
import static dev.manul.policy.packets.Sketch.at;
import static dev.manul.policy.packets.Sketch.deny;
import static dev.manul.policy.packets.Sketch.log;
import static dev.manul.policy.packets.Sketch.pass;
import static dev.manul.policy.packets.Sketch.policy;
import static dev.manul.policy.packets.Sketch.staged;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.Policy.Stage;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Policies, and what becomes of packets by them. Pods 1 (app web) and 2 (app db) are of the
 * namespace red, pod 3 (app web) of blue; r is a pod elsewhere (app db, blue), x an address
 * outside, n the node.
 *
 * @param cases as {@code 1>2 tcp/80 yes}; {@code udp/1234:80} has a source port, {@code icmp/8} a
 *     type, which for IPv6 is that of the same meaning
 */
record Scenario(String name, List<Fact> facts, List<String> cases) {

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int SCTP = 132;

  static Scenario of(String name, List<? extends Object> things, String... cases) {
    List<Fact> facts = new ArrayList<>();
    for (Object thing : things) {
      facts.add(thing instanceof Policy policy ? new Fact.PolicyIs(policy) : (Fact) thing);
    }
    return new Scenario(name, facts, Arrays.asList(cases));
  }

  /** What is so in all scenarios. */
  static List<Fact> world() {
    return List.of(
        new Fact.TierIs(new Tier(Tier.DEFAULT, 1_000_000, Action.DENY)),
        new Fact.TierIs(new Tier("security", 100, Action.DENY)),
        new Fact.TierIs(new Tier("lenient", 200, Action.PASS)),
        new Fact.ProfileIs(namespace("red")),
        new Fact.ProfileIs(namespace("blue")),
        new Fact.EndpointIs(pod(1, "red", "web", Set.of())),
        new Fact.EndpointIs(pod(2, "red", "db", Set.of())),
        new Fact.EndpointIs(
            pod(3, "blue", "web", Set.of(Prefix.parse("10.99.0.0/16"), Prefix.parse("fd99::/64")))),
        new Fact.EndpointIs(
            new Endpoint(
                new EndpointId.Workload("blue", "r"),
                Map.of("app", "db"),
                List.of("kns.blue"),
                Set.of(Prefix.parse("10.65.1.1/32"), Prefix.parse("fd00:65:0:1::1/128")),
                List.of(new NamedPort("http", TCP, 8080)),
                Optional.empty())),
        new Fact.EndpointIs(
            new Endpoint(
                new EndpointId.NetworkSet("", "partners"),
                Map.of("role", "partner"),
                List.of(),
                Set.of(Prefix.parse("198.51.100.0/24"), Prefix.parse("2001:db8:9::/48")),
                List.of(),
                Optional.empty())),
        new Fact.ServiceIs(
            new ServiceId("red", "db"),
            Set.of(
                new ServiceAddress(Address.parse("10.65.0.2"), TCP, 5432),
                new ServiceAddress(Address.parse("fd00:65::2"), TCP, 5432))));
  }

  /** A pod of a world, but with its IPv4 addresses only. */
  static Fact withoutIpv6(List<Fact> world, String pod) {
    for (Fact fact : world) {
      if (fact instanceof Fact.EndpointIs(Endpoint endpoint)
          && endpoint.id() instanceof EndpointId.Workload(_, String name)
          && name.equals(pod)) {
        return new Fact.EndpointIs(
            new Endpoint(
                endpoint.id(),
                endpoint.labels(),
                endpoint.profiles(),
                endpoint.addresses().stream()
                    .filter(prefix -> prefix.family() == AddressFamily.IPV4)
                    .collect(Collectors.toSet()),
                endpoint.ports(),
                endpoint.local()));
      }
    }
    throw new IllegalArgumentException(pod);
  }

  private static Profile namespace(String name) {
    return new Profile(
        "kns." + name,
        List.of(Rule.every(Action.ALLOW)),
        List.of(Rule.every(Action.ALLOW)),
        Map.of("pcns.name", name));
  }

  private static Endpoint pod(int i, String namespace, String app, Set<Prefix> spoofable) {
    return new Endpoint(
        new EndpointId.Workload(namespace, "pod" + i),
        Map.of("app", app),
        List.of("kns." + namespace),
        Set.of(Prefix.parse("10.65.0." + i), Prefix.parse("fd00:65::" + i)),
        List.of(new NamedPort("http", TCP, 8080), new NamedPort("dns", UDP, 53)),
        Optional.of(new Endpoint.Local("cali" + i, spoofable)));
  }

  private static Fact host(String device, String... profiles) {
    return new Fact.EndpointIs(
        new Endpoint(
            new EndpointId.Host("node-" + (device.equals("*") ? "all" : device)),
            Map.of("host", "yes"),
            List.of(profiles),
            new HashSet<>(List.of(Prefix.parse("192.0.2.1/32"), Prefix.parse("2001:db8::1/128"))),
            List.of(),
            Optional.of(new Endpoint.Local(device, Set.of()))));
  }

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>(pods());
    all.addAll(matches());
    all.addAll(tiers());
    all.addAll(hosts());
    return all;
  }

  private static List<Scenario> pods() {
    return List.of(
        of(
            "no policy: all of it passes, but not to the node",
            List.of(),
            "1>2 tcp/80 yes",
            "2>1 udp/53 yes",
            "1>x tcp/443 yes",
            "x>1 sctp/9 yes",
            "r>3 icmp/8 yes",
            "n>1 tcp/80 yes",
            "1>n tcp/10250 no",
            "x>n tcp/22 yes"),
        of(
            "deny all to one pod",
            List.of(policy("deny", "app == 'db'", INGRESS)),
            "1>2 tcp/80 no",
            "x>2 udp/53 no",
            "r>2 icmp/8 no",
            "n>2 tcp/80 yes",
            "2>1 tcp/80 yes",
            "1>3 tcp/80 yes"),
        of(
            "deny all from one pod",
            List.of(policy("deny", "app == 'db'", EGRESS)),
            "2>1 tcp/80 no",
            "2>x udp/53 no",
            "2>n udp/53 no",
            "1>2 tcp/80 yes"),
        of(
            "allow from a namespace",
            List.of(
                policy("ns", "pcns.name == 'red'", INGRESS, allow().from("pcns.name == 'blue'"))),
            "3>1 tcp/80 yes",
            "r>2 tcp/80 yes",
            "1>2 tcp/80 no",
            "x>1 tcp/80 no"),
        of(
            "both ends must agree",
            List.of(
                policy("in", "app == 'db'", INGRESS, allow().protocol(TCP).ports(5432)),
                policy("out", "pcns.name == 'blue'", EGRESS, allow().protocol(TCP).ports(80))),
            "3>2 tcp/5432 no",
            "3>2 tcp/80 no",
            "3>1 tcp/80 yes",
            "1>2 tcp/5432 yes",
            "1>2 tcp/80 no"));
  }

  private static List<Scenario> matches() {
    return List.of(
        of(
            "ports, ranges, protocols",
            List.of(
                policy(
                    "ports",
                    "app == 'db'",
                    INGRESS,
                    allow().protocol(TCP).ports(80, 443).range(8000, 8010),
                    allow().protocol(UDP).notPorts(53, 54),
                    allow().protocol(SCTP).ports(9))),
            "1>2 tcp/80 yes",
            "1>2 tcp/443 yes",
            "1>2 tcp/8010 yes",
            "1>2 tcp/8011 no",
            "1>2 udp/53 no",
            "1>2 udp/55 yes",
            "1>2 sctp/9 yes",
            "1>2 sctp/10 no",
            "1>2 icmp/8 no"),
        of(
            "more ports than one match takes",
            List.of(
                policy(
                    "many",
                    "app == 'db'",
                    INGRESS,
                    allow()
                        .protocol(TCP)
                        .ports(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
                        .range(20, 30)
                        .range(40, 50)
                        .fromNets("10.65.0.0/30", "198.51.100.0/24", "fd00:65::/126")
                        .notFromNets("10.65.0.3/32", "fd00:65::3/128"))),
            "1>2 tcp/14 yes",
            "1>2 tcp/25 yes",
            "1>2 tcp/50 yes",
            "1>2 tcp/51 no",
            "3>2 tcp/14 no",
            "r>2 tcp/14 no"),
        of(
            "named ports, alone and beside numbers",
            List.of(
                policy(
                    "named",
                    "app == 'web'",
                    INGRESS,
                    allow().protocol(TCP).named("http").ports(90)),
                policy("dns", "app == 'db'", EGRESS, allow().protocol(UDP).named("dns"))),
            "r>1 tcp/8080 yes",
            "r>1 tcp/90 yes",
            "r>1 tcp/91 no",
            "r>1 udp/8080 no",
            "2>1 udp/53 no",
            "2>r udp/53 no"),
        of(
            "ICMP by type and code",
            List.of(
                policy(
                    "ping",
                    "app == 'db'",
                    INGRESS,
                    allow().family(AddressFamily.IPV4).protocol(1).icmp(8, 0),
                    allow().family(AddressFamily.IPV6).protocol(58).icmp(128, -1))),
            "1>2 icmp/8 yes",
            "1>2 tcp/80 no"),
        of(
            "all ICMP but pings; any protocol but TCP",
            List.of(
                policy(
                    "no-ping",
                    "app == 'db'",
                    INGRESS,
                    allow().protocol(1).notIcmp(8),
                    allow().protocol(58).notIcmp(128)),
                policy("not-tcp", "app == 'web'", INGRESS, allow().notProtocol(TCP))),
            "1>2 icmp/8 no",
            "2>1 tcp/80 no",
            "2>1 udp/80 yes",
            "2>1 icmp/8 yes"),
        of(
            "one family only",
            List.of(policy("v4", "app == 'db'", INGRESS, allow().family(AddressFamily.IPV4))),
            "1>2 tcp/80 yes4"),
        of(
            "nets, and what is not in them",
            List.of(
                policy(
                    "cidr",
                    "app == 'db'",
                    EGRESS,
                    allow()
                        .toNets("198.51.100.0/24", "2001:db8:9::/48")
                        .notToNets("198.51.100.128/25"),
                    deny().toNets("10.65.1.0/24"),
                    allow().notToNets("10.0.0.0/8", "fd00::/8", "203.0.113.0/24"))),
            "2>x tcp/80 yes",
            "2>r tcp/80 no",
            "2>1 tcp/80 no"),
        of(
            "selectors that must not, network sets",
            List.of(
                policy("not", "app == 'db'", INGRESS, deny().notFrom("app == 'web'"), allow()),
                policy("set", "app == 'web'", EGRESS, allow().to("role == 'partner'"))),
            "1>2 tcp/80 no",
            "r>2 tcp/80 no",
            "x>2 tcp/80 no",
            "n>2 tcp/80 yes",
            "1>x tcp/80 yes",
            "1>r tcp/80 no"),
        of(
            "source ports",
            List.of(policy("sport", "app == 'db'", INGRESS, allow().protocol(UDP).sourcePorts(68))),
            "1>2 udp/68:67 yes",
            "1>2 udp/69:67 no"),
        of(
            "a service as the destination",
            List.of(policy("svc", "app == 'web'", EGRESS, allow().toService("red", "db"))),
            "1>2 tcp/5432 yes",
            "1>2 tcp/5433 no",
            "1>r tcp/5432 no"));
  }

  private static List<Scenario> tiers() {
    return List.of(
        of(
            "order within a tier, Log on the way",
            List.of(
                policy("b", "default", 20, "app == 'db'", INGRESS, allow()),
                policy(
                    "a",
                    "default",
                    10,
                    "app == 'db'",
                    INGRESS,
                    log(),
                    deny().protocol(TCP).ports(80))),
            "1>2 tcp/80 no",
            "1>2 tcp/81 yes"),
        of(
            "a tier before: allow is final, pass goes on, the end denies",
            List.of(
                policy(
                    "first",
                    "security",
                    1,
                    "app == 'db'",
                    INGRESS,
                    allow().protocol(TCP).ports(1),
                    pass().protocol(TCP).ports(2, 3)),
                policy(
                    "second",
                    "default",
                    1,
                    "app == 'db'",
                    INGRESS,
                    allow().protocol(TCP).ports(2, 4))),
            "1>2 tcp/1 yes",
            "1>2 tcp/2 yes",
            "1>2 tcp/3 no",
            "1>2 tcp/4 no"),
        of(
            "a tier whose end passes; pass out of the last tier",
            List.of(
                policy(
                    "lenient",
                    "lenient",
                    1,
                    "app == 'db'",
                    INGRESS,
                    deny().protocol(TCP).ports(80)),
                policy("last", "default", 1, "app == 'web'", INGRESS, pass())),
            "1>2 tcp/80 no",
            "1>2 tcp/81 yes",
            "2>1 tcp/80 yes"),
        of(
            "a staged policy is only counted",
            List.of(
                staged(policy("staged", "app == 'db'", INGRESS, deny().protocol(TCP), allow()))),
            "1>2 tcp/80 yes",
            "1>2 udp/53 yes"));
  }

  private static List<Scenario> hosts() {
    Policy fromPartners =
        policy(
            "in",
            "host == 'yes'",
            INGRESS,
            allow().protocol(TCP).ports(8443).from("role == 'partner'"));
    return List.of(
        of(
            "a host endpoint without policy: failsafes only",
            List.of(host("eth0")),
            "x>n tcp/22 yes",
            "x>n tcp/80 no",
            "x>n icmp/8 no",
            "n>x udp/53 yes",
            "n>x tcp/80 no",
            "x>1 tcp/80 yes",
            "1>x tcp/80 yes",
            "n>1 tcp/80 yes"),
        of(
            "a host endpoint with a policy in, a profile out",
            List.of(host("eth0", "kns.red"), fromPartners),
            "x>n tcp/8443 yes",
            "r>n tcp/8443 no",
            "x>n tcp/8444 no",
            "n>x tcp/80 yes"),
        of(
            "all interfaces",
            List.of(host("*"), fromPartners),
            "x>n tcp/8443 yes",
            "x>n tcp/80 no",
            "n>1 tcp/80 yes",
            "1>2 tcp/80 yes"),
        of(
            "what the host forwards",
            List.of(
                host("eth0"),
                at(
                    policy("fwd", "host == 'yes'", INGRESS, allow().protocol(TCP).ports(80)),
                    Stage.NORMAL,
                    true)),
            "x>1 tcp/80 yes",
            "x>1 tcp/81 no",
            "1>x tcp/81 yes",
            "x>n tcp/80 yes",
            "x>n tcp/81 no"),
        of(
            "before connection tracking",
            List.of(
                host("eth0", "kns.red"),
                at(
                    policy(
                        "raw",
                        "host == 'yes'",
                        INGRESS,
                        allow().protocol(UDP).ports(5000),
                        deny().protocol(UDP).ports(5001),
                        deny().protocol(TCP).ports(22)),
                    Stage.UNTRACKED,
                    true)),
            "x>n udp/5000 yes",
            "x>n udp/5001 no",
            "x>1 udp/5001 no",
            "x>n udp/5002 yes",
            "x>n tcp/22 yes"),
        of(
            "before DNAT",
            List.of(
                host("eth0", "kns.red"),
                at(
                    policy(
                        "pre", "host == 'yes'", INGRESS, deny().protocol(TCP).range(30000, 32767)),
                    Stage.PRE_DNAT,
                    true)),
            "x>n tcp/30080 no",
            "x>1 tcp/30080 no",
            "1>n tcp/30080 no",
            "x>n tcp/8080 yes"));
  }
}
