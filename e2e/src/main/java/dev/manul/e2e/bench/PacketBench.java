package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Selector;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What policies cost packets from a pod to another on one node. All policies are about the pod that
 * receives, and only the last of them lets the other in, so that every first packet of a connection
 * goes through all of them. The program is e2e/bench/packets.c.
 */
public final class PacketBench {

  private static final String NODE = "mlab-packets";
  private static final String SERVER = "mlab-packets-0";
  private static final String CLIENT = "mlab-packets-1";
  private static final String ADDRESS = "10.1.0.0";
  private static final int REMOTES = 10_000;
  private static final List<Integer> POLICIES = List.of(0, 1, 100, 1_000);
  private static final int ROUNDS = 5;
  private static final String SECONDS = "1";
  private static final String ECHOES = "10000";
  private static final double LAST = 2000;

  private PacketBench() {}

  /**
   * Through so many policies; each figure is the median of the rounds.
   *
   * @param policies null without the engine, in an empty packet filter
   */
  public record Through(
      Integer policies,
      double gigabits,
      double connections,
      double echoMicros,
      double echoMicrosP99) {}

  /** All of it. */
  public record Figures(String backend, List<Through> all) {}

  /** Measures, in namespaces of its own that it takes down again. */
  public static Figures run(Path root, Backend backend, PrintStream out) {
    Path program = NativeProgram.compiled(root, "bench/packets");
    out.printf(
        "%-24s %12s %12s %12s %12s%n",
        "policies (" + backend + ")", "TCP Gbit/s", "TCP conn/s", "UDP p50 us", "UDP p99 us");
    List<Through> all = new ArrayList<>();
    try (var _ = BenchNamespaces.of(NODE, SERVER, CLIENT)) {
      wire();
      all.add(measured(program, Optional.empty(), out));
      for (int policies : POLICIES) {
        try (NetworkPolicies engine =
            NetworkPolicies.start(
                NetworkNamespace.named(NODE), NetworkPolicyOptions.DEFAULT.withBackend(backend))) {
          engine.apply(facts(policies));
          engine.synced();
          List<String> failing =
              engine.ask(_ -> true).thenApply(_ -> engine.status().failing()).join();
          if (!failing.isEmpty()) {
            throw new LabException("%s", failing);
          }
          all.add(measured(program, Optional.of(policies), out));
        }
      }
    }
    return new Figures(backend.toString(), List.copyOf(all));
  }

  private static List<Fact> facts(int policies) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact.TierIs(new Tier(Tier.DEFAULT, 1_000_000, Action.DENY)));
    IntStream.range(0, PolicyLoad.NAMESPACES).forEach(i -> facts.add(PolicyLoad.namespace(i, i)));
    facts.add(PolicyLoad.local(0));
    facts.add(PolicyLoad.local(1));
    IntStream.range(0, REMOTES).forEach(i -> facts.add(PolicyLoad.remote(i, PolicyLoad.role(i))));
    IntStream.range(0, policies - 1).forEach(i -> facts.add(PolicyLoad.policy(i, 1, 0)));
    if (policies > 0) {
      facts.add(
          new Fact.PolicyIs(
              new Policy(
                  new PolicyId(PolicyId.Type.NETWORK_POLICY, "ns0", "last"),
                  Tier.DEFAULT,
                  LAST,
                  new Selector.Equal("app", "local-0"),
                  Set.of(Direction.INGRESS),
                  List.of(Rule.every(Action.ALLOW)),
                  List.of(),
                  Policy.Stage.NORMAL,
                  false,
                  false)));
    }
    return facts;
  }

  /** A node and two pods, wired as the CNI plugin wires them. */
  private static void wire() {
    NetworkNamespace.named(NODE).writeSysctl("ipv4/ip_forward", "1");
    for (int i = 0; i < 2; i++) {
      String pod = i == 0 ? SERVER : CLIENT;
      Run.ip(
          NODE,
          List.of(
              "link add cali" + i + " type veth peer name eth0 netns " + pod,
              "link set cali" + i + " address 02:00:00:00:03:0" + i + " up",
              "route add 10.1.0." + i + " dev cali" + i + " scope link",
              "neigh add 10.1.0." + i + " lladdr 02:00:00:00:02:0" + i + " dev cali" + i));
      Run.ip(
          pod,
          List.of(
              "link set eth0 address 02:00:00:00:02:0" + i + " up",
              "address add 10.1.0." + i + "/32 dev eth0",
              "route add 169.254.1.1 dev eth0 scope link",
              "route add default via 169.254.1.1 dev eth0",
              "neigh add 169.254.1.1 lladdr 02:00:00:00:03:0" + i + " dev eth0"));
    }
  }

  private static Through measured(Path program, Optional<Integer> policies, PrintStream out) {
    List<Double> gigabits = new ArrayList<>();
    List<Double> connections = new ArrayList<>();
    List<Double> echo = new ArrayList<>();
    List<Double> echoP99 = new ArrayList<>();
    Process server = server(program);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        gigabits.add(Double.valueOf(client(program, "stream", SECONDS)));
        connections.add(Double.valueOf(client(program, "connect", SECONDS)));
        String[] micros = client(program, "echo", ECHOES).split(" ", 2);
        echo.add(Double.valueOf(micros[0]));
        echoP99.add(Double.valueOf(micros[1]));
      }
    } finally {
      server.destroyForcibly();
    }
    var through =
        new Through(
            policies.orElse(null),
            median(gigabits),
            median(connections),
            median(echo),
            median(echoP99));
    out.printf(
        Locale.ROOT,
        "%-24s %12.2f %12.0f %12.1f %12.1f%n",
        policies.map(n -> n.toString()).orElse("none, no engine"),
        through.gigabits(),
        through.connections(),
        through.echoMicros(),
        through.echoMicrosP99());
    return through;
  }

  private static Process server(Path program) {
    try {
      Process server =
          new ProcessBuilder(
                  Run.inNamespace(SERVER, List.of(program.toString(), "server", ADDRESS)))
              .redirectErrorStream(true)
              .start();
      BufferedReader said = server.inputReader(StandardCharsets.UTF_8);
      String line = said.readLine();
      if (!"ready".equals(line)) {
        throw new LabException("%s: %s", program, line);
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String client(Path program, String what, String howMuch) {
    return Run.in(CLIENT, program.toString(), what, ADDRESS, howMuch).strip();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
