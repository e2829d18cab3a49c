package dev.manul.e2e;

import dev.manul.e2e.bench.AgentBench;
import dev.manul.e2e.bench.BgpBench;
import dev.manul.e2e.bench.BgpFigures;
import dev.manul.e2e.bench.CliBench;
import dev.manul.e2e.bench.CniBench;
import dev.manul.e2e.bench.CniFigures;
import dev.manul.e2e.bench.DataplaneBench;
import dev.manul.e2e.bench.DataplaneFigures;
import dev.manul.e2e.bench.IpamBench;
import dev.manul.e2e.bench.NetlinkBench;
import dev.manul.e2e.bench.PacketBench;
import dev.manul.e2e.bench.PolicyBench;
import dev.manul.e2e.bench.PolicyCalculationBench;
import dev.manul.e2e.bench.PolicyFigures;
import dev.manul.e2e.lab.Run;
import dev.manul.policy.kernel.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench WHAT}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Benchmarks on this machine's own kernel.")
final class BenchCommand implements Runnable {

  private static final Path LAB_DIRECTORY = Path.of("/run/manul-bench");

  @Spec private CommandSpec spec;

  /** Without a benchmark's name: which there are. */
  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  @Command(name = "agent", description = "An agent's resident memory, and how soon it is ready.")
  int agent(
      @Option(
              names = "--kubernetes",
              description = "With the cluster's state in a real API server instead of files.")
          boolean kubernetes,
      @Mixin ReportFile json) {
    AgentBench.Figures figures =
        kubernetes
            ? AgentBench.onKubernetes(root(), LAB_DIRECTORY, System.out)
            : AgentBench.onFiles(root(), LAB_DIRECTORY, System.out);
    json.write(figures);
    return 0;
  }

  @Command(
      name = "bgp",
      description = "The BGP speaker beside BIRD, FRR, GoBGP and OpenBGPD, where they are there.")
  int bgp(
      @Option(
              names = "--workload",
              paramLabel = "NAME",
              description = {
                "Only this one of 100k, 800k, own, 100-peers, reflected, flap and mesh;",
                "may be given several times."
              })
          List<String> workloads,
      @Option(
              names = "--speaker",
              paramLabel = "NAME",
              description = {
                "Only this one of manul-bgp, \"BIRD 2\", FRR, GoBGP and OpenBGPD;",
                "may be given several times."
              })
          List<String> speakers,
      @Mixin ReportFile json) {
    BgpFigures figures = BgpBench.run(root(), set(workloads), set(speakers), System.out);
    json.write(figures);
    return 0;
  }

  @Command(
      name = "cli",
      description = "How long manulctl takes from start to end on files, beside kubectl.")
  int cli(
      @Option(
              names = "--runs",
              paramLabel = "N",
              description = "How often each command runs (default: ${DEFAULT-VALUE}).",
              defaultValue = "30")
          int runs,
      @Mixin ReportFile json) {
    CliBench.Figures figures = CliBench.run(root(), runs, System.out);
    json.write(figures);
    return 0;
  }

  private static Path root() {
    return Place.fromEnvironment(System.getenv()).root();
  }

  private static Set<String> set(List<String> values) {
    return values == null ? Set.of() : Set.copyOf(values);
  }

  @Command(
      name = "cni",
      description = "Wiring and unwiring pods, against other plugins and a bare C program.")
  int cni(@Mixin ReportFile json) {
    CniFigures figures = CniBench.run(root(), System.out);
    json.write(figures);
    return 0;
  }

  @Command(
      name = "dataplane",
      description = {
        "Throughput and round trips between pods of two nodes, in each mode, beside the same",
        "configured by hand with ip, without Manul's packet filter rules and with them; UDP beside",
        "VXLAN. IP-in-IP in user-mode Linux where this kernel has none.",
        "Ends with 1 when Manul's, without the rules, is more than 3% worse."
      })
  int dataplane(
      @Option(
              names = "--way",
              paramLabel = "WAY",
              split = ",",
              description = "Only these of DIRECT, IPIP, VXLAN and UDP, several with commas.",
              defaultValue = "DIRECT,IPIP,VXLAN,UDP")
          List<DataplaneBench.Way> ways,
      @Option(
              names = "--settings-up",
              paramLabel = "N",
              description = "How often what is judged is set up (default: ${DEFAULT-VALUE}).",
              defaultValue = "12")
          int settingsUp,
      @Option(
              names = "--seconds",
              paramLabel = "S",
              description = "How long each half of that is measured (default: ${DEFAULT-VALUE}).",
              defaultValue = "1.5")
          double seconds,
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json)
      throws IOException, InterruptedException {
    if (settingsUp < DataplaneBench.LEAST_SETTINGS_UP) {
      throw new LabException(
          "--settings-up %d: at least %d are needed", settingsUp, DataplaneBench.LEAST_SETTINGS_UP);
    }
    if (!(seconds > 0 && seconds <= DataplaneBench.MOST_SECONDS)) {
      throw new LabException(
          "--seconds %s: above 0 and at most %d is needed", seconds, DataplaneBench.MOST_SECONDS);
    }
    Place place = Place.fromEnvironment(System.getenv());
    boolean guest = ways.contains(DataplaneBench.Way.IPIP) && place.needsGuest();
    List<DataplaneBench.Way> here =
        ways.stream().filter(way -> !guest || way != DataplaneBench.Way.IPIP).toList();
    String kernel = (Place.inGuest() ? "UML " : "") + Run.ok("uname", "-r").strip();
    DataplaneFigures figures =
        DataplaneBench.run(place.root(), here, settingsUp, seconds, kernel, System.out);
    if (guest) {
      figures = figures.and(dataplaneInGuest(place, settingsUp, seconds));
    }
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
    return figures.good() ? 0 : 1;
  }

  private static DataplaneFigures dataplaneInGuest(Place place, int settingsUp, double seconds)
      throws IOException, InterruptedException {
    // the guest's processes wake one another up; on several processors that takes its own time
    Run.of(
        List.of(
            "taskset",
            "-a",
            "-c",
            "-p",
            Integer.toString(Runtime.getRuntime().availableProcessors() - 1),
            Long.toString(ProcessHandle.current().pid())));
    place.startGuest();
    try {
      Path shared = place.guest().share().resolve("dataplane.json");
      Files.deleteIfExists(shared);
      int status =
          place.selfInGuest(
              List.of(
                  "bench",
                  "dataplane",
                  "--way",
                  "IPIP",
                  "--settings-up",
                  Integer.toString(settingsUp),
                  "--seconds",
                  Double.toString(seconds),
                  "--json",
                  shared.toString()));
      if (!Files.exists(shared)) {
        throw new LabException("bench dataplane in user-mode Linux: exit status %d", status);
      }
      return DataplaneFigures.read(shared);
    } finally {
      place.guest().stop();
    }
  }

  @Command(
      name = "ipam",
      description = {
        "Addresses for many nodes at once, in a directory of files and against a real API server.",
        "Without Kubernetes' programs (e2e/kube/provide-binaries) only the former."
      })
  int ipam(
      @Option(
              names = "--nodes",
              paramLabel = "N",
              description = "How many nodes (default: ${DEFAULT-VALUE}).",
              defaultValue = "100")
          int nodes,
      @Option(
              names = "--addresses",
              paramLabel = "N",
              description = "How many addresses in all (default: ${DEFAULT-VALUE}).",
              defaultValue = "10000")
          int addresses,
      @Mixin ReportFile json) {
    IpamBench.Figures figures = IpamBench.run(nodes, addresses, System.out);
    json.write(figures);
    return 0;
  }

  @Command(
      name = "netlink",
      description = "Routes into the kernel, against a bare netlink program in C.")
  int netlink(
      @Option(
              names = "--routes",
              paramLabel = "N",
              description = "How many routes a round (default: ${DEFAULT-VALUE}).",
              defaultValue = "100000")
          int routes,
      @Mixin ReportFile json) {
    NetlinkBench.Figures figures = NetlinkBench.run(root(), routes, System.out);
    json.write(figures);
    return 0;
  }

  @Command(
      name = "policy",
      description = {
        "How soon a change of network policy is in force, beside a bare iptables-restore.",
        "With --packets, what policies cost the packets between two pods instead."
      })
  int policy(
      @Option(
              names = "--backend",
              paramLabel = "NFT|Legacy",
              description = "The packet filter (default: one after the other).",
              defaultValue = "")
          String backend,
      @Option(
              names = "--policies",
              paramLabel = "N",
              split = ",",
              description = "How many policies (default: ${DEFAULT-VALUE}).",
              defaultValue = "100,1000,10000")
          List<Integer> policies,
      @Option(names = "--packets", description = "Measure packets.") boolean packets,
      @Mixin ReportFile json) {
    List<Backend> backends =
        Backend.parse(backend).map(List::of).orElse(List.of(Backend.NFT, Backend.LEGACY));
    Path root = root();
    List<Object> figures = new ArrayList<>();
    for (Backend each : backends) {
      figures.add(
          packets
              ? PacketBench.run(root, each, System.out)
              : PolicyBench.run(each, policies, System.out));
    }
    if (!packets) {
      System.out.println("Calculation alone");
      PolicyCalculationBench.Figures calculation = PolicyCalculationBench.run(System.out);
      PolicyFigures.print(System.out, PolicyFigures.verdicts(calculation));
      figures.add(calculation);
    }
    json.write(figures);
    return 0;
  }
}
