package dev.manul.e2e.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The BGP speakers that are compared, each with a configuration that says the same. */
enum BgpContender {
  MANUL("manul-bgp") {
    @Override
    List<String> command(Path root, Path directory) {
      return List.of(
          root.resolve("dist/bin/manul-bgp").toString(),
          "--log-level",
          "warn",
          "--config",
          directory.resolve("speaker.conf").toString());
    }

    @Override
    String configuration(List<Peer> peers, Path directory) {
      return """
          asNumber: %d
          routerId: %s
          listen:
            - address: %s
          control: %s
          neighbors:
          """
              .formatted(AS, ADDRESS, ADDRESS, directory.resolve("control"))
          + each(
              peers,
              p ->
                  """
                    - address: %s
                      asNumber: %d
                      passive: true
                      holdTime: 240
                      families: [ipv4-unicast]
                      routeReflectorClient: %b
                  """
                      .formatted(p.address(), p.as(), p.client()));
    }
  },

  BIRD("BIRD 2") {
    @Override
    List<String> command(Path root, Path directory) {
      return List.of(
          "bird",
          "-f",
          "-c",
          directory.resolve("speaker.conf").toString(),
          "-s",
          directory.resolve("control").toString());
    }

    @Override
    String configuration(List<Peer> peers, Path directory) {
      return """
          log stderr { warning, error, fatal, bug };
          router id %s;
          protocol device {}
          protocol direct { ipv4; }
          template bgp peer {
            local %s as %d;
            passive;
            hold time 240;
            ipv4 { import all; export where source = RTS_BGP; };
          }
          """
              .formatted(ADDRESS, ADDRESS, AS)
          + each(
              peers,
              p ->
                  "protocol bgp p%d from peer { neighbor %s as %d;%s }%n"
                      .formatted(p.number(), p.address(), p.as(), p.client() ? " rr client;" : ""));
    }
  },

  FRR("FRR") {
    @Override
    List<String> command(Path root, Path directory) {
      return List.of(
          "/usr/lib/frr/bgpd",
          "--skip_runas",
          "--no_zebra",
          "--no_kernel",
          "-P",
          "0",
          "-f",
          directory.resolve("speaker.conf").toString(),
          "-i",
          directory.resolve("pid").toString(),
          "--vty_socket",
          directory.toString());
    }

    @Override
    String configuration(List<Peer> peers, Path directory) {
      return """
          router bgp %d
           bgp router-id %s
           no bgp ebgp-requires-policy
           no bgp suppress-duplicates
          """
              .formatted(AS, ADDRESS)
          + each(
              peers,
              p ->
                  """
                   neighbor %1$s remote-as %2$d
                   neighbor %1$s passive
                   neighbor %1$s disable-connected-check
                   neighbor %1$s timers 80 240
                  """
                      .formatted(p.address(), p.as()))
          + " address-family ipv4 unicast\n"
          + each(
              peers,
              p ->
                  p.client() ? "  neighbor %s route-reflector-client%n".formatted(p.address()) : "")
          + " exit-address-family\n";
    }
  },

  GOBGP("GoBGP") {
    @Override
    List<String> command(Path root, Path directory) {
      return List.of(
          "gobgpd",
          "-t",
          "toml",
          "-l",
          "error",
          "-f",
          directory.resolve("speaker.conf").toString());
    }

    @Override
    String configuration(List<Peer> peers, Path directory) {
      return """
          [global.config]
            as = %d
            router-id = "%s"
            local-address-list = ["%s"]
          """
              .formatted(AS, ADDRESS, ADDRESS)
          + each(
              peers,
              p ->
                  """
                  [[neighbors]]
                    [neighbors.config]
                      neighbor-address = "%s"
                      peer-as = %d
                    [neighbors.timers.config]
                      hold-time = 240
                    [neighbors.transport.config]
                      passive-mode = true
                    [neighbors.route-reflector.config]
                      route-reflector-client = %b
                      route-reflector-cluster-id = "%s"
                  """
                      .formatted(p.address(), p.as(), p.client(), ADDRESS));
    }
  },

  OPENBGPD("OpenBGPD") {
    @Override
    List<String> command(Path root, Path directory) {
      return List.of("bgpd", "-d", "-f", directory.resolve("speaker.conf").toString());
    }

    @Override
    String configuration(List<Peer> peers, Path directory) {
      return """
          AS %d
          router-id %s
          holdtime 240
          listen on %s
          fib-update no
          socket "%s"
          """
              .formatted(AS, ADDRESS, ADDRESS, directory.resolve("control"))
          + each(
              peers,
              p ->
                  """
                  neighbor %s {
                    remote-as %d
                    passive
                    announce IPv4 unicast
                    %s
                  }
                  """
                      .formatted(p.address(), p.as(), p.client() ? "route-reflector" : ""))
          + "allow from any\nallow to any\n";
    }
  };

  /** The speaker under test. */
  static final String ADDRESS = "10.9.255.1";

  static final int AS = 65000;

  /**
   * A neighbour of the speaker.
   *
   * @param client whether routes are reflected to and from it
   */
  record Peer(int number, int as, boolean client) {
    String address() {
      return BgpLoad.address(number);
    }

    /** A number of neighbours that are alike. */
    static List<Peer> range(int from, int to, int as, boolean client) {
      List<Peer> peers = new ArrayList<>();
      for (int i = from; i < to; i++) {
        peers.add(new Peer(i, as, client));
      }
      return peers;
    }
  }

  private final String title;

  BgpContender(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  abstract List<String> command(Path root, Path directory);

  abstract String configuration(List<Peer> peers, Path directory);

  private static String each(List<Peer> peers, Function<Peer, String> line) {
    return peers.stream().map(line).collect(Collectors.joining());
  }

  /** Whether the program is on this machine. */
  boolean installed(Path root) {
    String program = command(root, Path.of("/")).getFirst();
    return program.startsWith("/")
        ? Files.isExecutable(Path.of(program))
        : Files.isExecutable(Path.of("/usr/sbin", program))
            || Files.isExecutable(Path.of("/usr/bin", program));
  }
}
