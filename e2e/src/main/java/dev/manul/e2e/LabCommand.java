package dev.manul.e2e;

import dev.manul.e2e.demo.ModesCheck;
import dev.manul.e2e.demo.ModesReport;
import dev.manul.e2e.demo.MtuCheck;
import dev.manul.e2e.demo.MtuReport;
import dev.manul.e2e.demo.NeverCheck;
import dev.manul.e2e.demo.NeverReport;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.SteadyPings;
import dev.manul.e2e.lab.Topology;
import dev.manul.model.AgentStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lab up|down|status|exec|shell|never|modes|mtu}. */
@Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    description = "A lab of several nodes on this machine.")
final class LabCommand {

  private static final int NO_LAB = 1;

  private final Place place = Place.fromEnvironment(System.getenv());

  @Command(name = "up", description = "Bring a lab up and leave it running.")
  int up(
      @Parameters(
              paramLabel = "TOPOLOGY",
              arity = "0..1",
              description = "A topology file in containerlab's format.")
          Path topology)
      throws IOException, InterruptedException {
    Path file = topologyFile(place, topology);
    Progress progress = new Steps(System.out);
    if (place.needsGuest()) {
      System.out.println("This kernel has no ipip: the lab runs inside user-mode Linux.");
      place.startGuest();
      int status = place.selfInGuest(List.of("lab", "up", file.toString()));
      if (status != 0) {
        place.guest().stop();
      }
      return status;
    }
    Lab lab = Lab.up(Place.labDirectory(), place.programs(), file, progress);
    System.out.printf("Lab %s is up.%n", lab.topology().name());
    return 0;
  }

  /** The topology file asked for, or the default one. */
  static Path topologyFile(Place place, Path asked) {
    Path file =
        asked == null
            ? place.root().resolve("e2e/topologies/two-subnets.clab.yaml")
            : asked.toAbsolutePath();
    if (!Files.isReadable(file)) {
      throw new LabException("%s: no such topology file", file);
    }
    return file;
  }

  @Command(name = "down", description = "End the lab.")
  int down() throws IOException, InterruptedException {
    if (place.guest().isRunning()) {
      place.guest().stop();
    } else {
      Lab.down(Place.labDirectory());
    }
    return 0;
  }

  @Command(name = "status", description = "What is up, node by node.")
  int status() throws IOException {
    if (place.needsGuest()) {
      return place.selfInGuest(List.of("lab", "status"));
    }
    Optional<Lab> open = Lab.open(Place.labDirectory(), place.programs());
    if (open.isEmpty()) {
      System.out.println("no lab is up: ./dev lab up");
      return NO_LAB;
    }
    return print(open.get());
  }

  private static int print(Lab lab) {
    System.out.printf("Lab %s%n%n", lab.topology().name());
    Map<String, List<Pod>> pods = lab.pods().stream().collect(Collectors.groupingBy(Pod::node));
    System.out.printf(
        "%-16s %-8s %-9s %-9s %-9s %s%n", "NODE", "AGENT", "SESSIONS", "ROUTES", "MEMORY", "PODS");
    boolean allReady = true;
    for (Topology.Machine node : lab.topology().nodes()) {
      Optional<AgentStatus> status = lab.status(node.name());
      allReady &= status.filter(AgentStatus::ready).isPresent();
      System.out.printf(
          "%-16s %-8s %-9s %-9s %-9s %s%n",
          node.name(),
          status.map(s -> s.ready() ? "ready" : "unready").orElse("down"),
          status.map(s -> established(s) + "/" + s.sessions().size()).orElse("-"),
          status.map(s -> s.routes().installed() + "/" + s.routes().desired()).orElse("-"),
          Math.round(lab.residentMiB(node.name())) + " MiB",
          pods.getOrDefault(node.name(), List.of()).stream()
              .map(pod -> pod.name() + " " + pod.address())
              .collect(Collectors.joining(", ")));
    }
    List<String> down = new Convergence(lab).sessionsDown();
    down.forEach(line -> System.out.println("not converged: " + line));
    return allReady && down.isEmpty() ? 0 : 1;
  }

  private static long established(AgentStatus status) {
    return status.sessions().stream().filter(session -> session.state().equals("up")).count();
  }

  @Command(
      name = "exec",
      description = "Run a command on a node, as its agent's environment has it.")
  int exec(
      @Parameters(paramLabel = "NODE", description = "The node's name.") String node,
      @Parameters(paramLabel = "CMD", arity = "1..*", description = "The command.")
          List<String> words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(entrance(node));
    command.addAll(words);
    if (place.needsGuest()) {
      return place.runInGuest(command, Optional.of(System.in));
    }
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Command(name = "shell", description = "An interactive shell on a node.")
  int shell(@Parameters(paramLabel = "NODE", description = "The node's name.") String node)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(entrance(node));
    command.addAll(List.of("env", "PS1=" + node + ":\\w# ", "bash", "--norc", "-i"));
    if (!place.needsGuest()) {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
    try (var terminal = RawTerminal.open()) {
      String quoted =
          command.stream()
              .map(word -> "'" + word.replace("'", "'\\''") + "'")
              .collect(Collectors.joining(" "));
      return place.runInGuest(
          List.of("script", "-qfec", terminal.sizing() + quoted, "/dev/null"),
          Optional.of(System.in));
    }
  }

  @Command(
      name = "never",
      description = "Switch the lab to mode Never, and show and judge what comes of it.")
  int never(@Mixin ReportFile json) throws IOException {
    if (place.needsGuest()) {
      return json.fromGuest(place, List.of("lab", "never"));
    }
    Lab lab = lab();
    var steps = new Steps(System.out);
    NeverReport report = steps.step("never", "Mode Never", () -> new NeverCheck(lab, steps).run());
    return json.conclude(report);
  }

  @Command(
      name = "modes",
      description =
          "Switch the lab's pool from every mode to every other under load, and judge that nothing"
              + " is lost.")
  int modes(
      @Option(
              names = "--rate",
              paramLabel = "N",
              defaultValue = "100",
              description = "How often a second each pod pings (default: ${DEFAULT-VALUE}).")
          int rate,
      @Option(names = "--udp", description = "Go through the modes of UDP as well.") boolean udp,
      @Option(
              names = "--rate-in-udp",
              paramLabel = "N",
              defaultValue = "20",
              description =
                  "The same from and to the modes of UDP (default: ${DEFAULT-VALUE}). The agents"
                      + " carry each packet then, and a guest has one processor for all of them.")
          int rateInUdp,
      @Mixin ReportFile json)
      throws IOException {
    Path pings = SteadyPings.program(place.root());
    if (place.needsGuest()) {
      List<String> words =
          new ArrayList<>(List.of("lab", "modes", "--rate", Integer.toString(rate)));
      if (udp) {
        words.addAll(List.of("--udp", "--rate-in-udp", Integer.toString(rateInUdp)));
      }
      return json.fromGuest(place, words);
    }
    Lab lab = lab();
    Set<PoolMode> modes = EnumSet.allOf(PoolMode.class);
    if (!udp) {
      modes.removeIf(mode -> mode.carrier() == PoolMode.Carrier.UDP);
    }
    var rates = new ModesCheck.Rates(rate, rateInUdp);
    var steps = new Steps(System.out);
    ModesReport report =
        steps.step(
            "modes",
            "From every mode to every other, all pods pinging all pods of other nodes",
            () -> new ModesCheck(lab, pings, rates, modes, steps).run());
    return json.conclude(report);
  }

  @Command(
      name = "mtu",
      description = {
        "Send packets that are too long for a tunnel, lower the MTU of the nodes' links under a",
        "transfer, and show and judge what comes of it."
      })
  int mtu(
      @Option(
              names = "--way",
              paramLabel = "WAY",
              split = ",",
              defaultValue = "DIRECT,VXLAN,UDP",
              description = {
                "How packets are carried: DIRECT, IPIP, VXLAN, UDP; several with commas (default:",
                "${DEFAULT-VALUE})."
              })
          List<MtuCheck.Way> ways,
      @Mixin ReportFile json)
      throws IOException {
    if (place.needsGuest()) {
      String names = ways.stream().map(Enum::name).collect(Collectors.joining(","));
      return json.fromGuest(place, List.of("lab", "mtu", "--way", names));
    }
    Lab lab = lab();
    var steps = new Steps(System.out);
    MtuReport report =
        steps.step("mtu", "Packets that are too long", () -> new MtuCheck(lab, steps).run(ways));
    return json.conclude(report);
  }

  private Lab lab() {
    return Lab.open(Place.labDirectory(), place.programs())
        .orElseThrow(() -> new LabException("no lab is up: ./dev lab up"));
  }

  /** The start of a command on a node; an unknown node is told by the shell that looks for it. */
  private static List<String> entrance(String node) {
    return List.of(
        "sh",
        "-c",
        "[ -x \"$1\" ] || { echo \"no node $2 in a lab that is up\" >&2; exit 2; };"
            + " p=$1; shift 2; exec \"$p\" \"$@\"",
        "sh",
        Lab.entrance(Place.labDirectory(), node).toString(),
        node);
  }
}
