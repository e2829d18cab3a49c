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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    Place place = Place.fromEnvironment(System.getenv());
    AgentBench.Figures figures =
        kubernetes
            ? AgentBench.onKubernetes(place.root(), LAB_DIRECTORY, System.out)
            : AgentBench.onFiles(place.root(), LAB_DIRECTORY, System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    Place place = Place.fromEnvironment(System.getenv());
    BgpFigures figures = BgpBench.run(place.root(), set(workloads), set(speakers), System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    Place place = Place.fromEnvironment(System.getenv());
    CliBench.Figures figures = CliBench.run(place.root(), runs, System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
    return 0;
  }

  private static Set<String> set(List<String> values) {
    return values == null ? Set.of() : Set.copyOf(values);
  }

  @Command(
      name = "cni",
      description = "Wiring and unwiring pods, against other plugins and a bare C program.")
  int cni(
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    Place place = Place.fromEnvironment(System.getenv());
    CniFigures figures = CniBench.run(place.root(), System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
    return 0;
  }

  @Command(
      name = "dataplane",
      description = {
        "Throughput and round trips between pods of two nodes, in each mode, beside the same",
        "configured by hand with ip, without Manul's packet filter rules and with them; UDP beside",
        "VXLAN. IP-in-IP in user-mode Linux where this kernel has none; direct then there as well.",
        "Ends with 1 when Manul's, without the rules, is more than 3% worse."
      })
  int dataplane(
      @Option(
              names = "--way",
              paramLabel = "WAY",
              split = ",",
              description = {
                "Only these of DIRECT, IPIP, VXLAN and UDP, several with commas, and on this kernel",
                "only."
              })
          List<DataplaneBench.Way> ways,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              description = "How many rounds (default: ${DEFAULT-VALUE}).",
              defaultValue = "25")
          int rounds,
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json)
      throws IOException, InterruptedException {
    if (rounds < DataplaneBench.LEAST_ROUNDS) {
      throw new LabException(
          "--rounds %d: at least %d are needed", rounds, DataplaneBench.LEAST_ROUNDS);
    }
    Place place = Place.fromEnvironment(System.getenv());
    boolean guest = ways == null && place.needsGuest();
    String kernel = (Place.inGuest() ? "UML " : "") + Run.ok("uname", "-r").strip();
    DataplaneFigures figures =
        DataplaneBench.run(
            place.root(),
            ways == null ? DataplaneBench.ways(!guest) : ways,
            rounds,
            kernel,
            System.out);
    if (guest) {
      figures = figures.and(dataplaneInGuest(place, rounds));
    }
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
    return figures.good() ? 0 : 1;
  }

  private static DataplaneFigures dataplaneInGuest(Place place, int rounds)
      throws IOException, InterruptedException {
    place.startGuest();
    try {
      Path shared = place.guest().share().resolve("dataplane.json");
      Files.deleteIfExists(shared);
      int _ =
          place.selfInGuest(
              List.of(
                  "bench",
                  "dataplane",
                  "--way",
                  "DIRECT,IPIP",
                  "--rounds",
                  Integer.toString(rounds),
                  "--json",
                  shared.toString()));
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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    IpamBench.Figures figures = IpamBench.run(nodes, addresses, System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    Place place = Place.fromEnvironment(System.getenv());
    NetlinkBench.Figures figures = NetlinkBench.run(place.root(), routes, System.out);
    if (json != null) {
      figures.write(json.toAbsolutePath());
    }
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
      @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
          Path json) {
    List<Backend> backends =
        Backend.parse(backend).map(List::of).orElse(List.of(Backend.NFT, Backend.LEGACY));
    Path root = Place.fromEnvironment(System.getenv()).root();
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
    if (json != null) {
      JsonFile.write(json.toAbsolutePath(), figures);
    }
    return 0;
  }
}
