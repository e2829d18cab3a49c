package dev.manul.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl node diags}: what somebody far away needs to know of this node. */
@Command(
    name = "diags",
    header = "Collects what this node's network is like into an archive, for somebody to look at.",
    footer = {
      "",
      "Routes, addresses, rules, sets and sockets as the kernel has them, what the agent says of",
      "itself and of BGP, its log, and the CNI configurations. No passwords, keys and tokens. What",
      "cannot be had is said and left out.",
      "",
      "Examples:",
      "  manulctl node diags",
      "  manulctl node diags --log-dir /var/log/manul -o /tmp/node-1.tar.gz"
    })
final class NodeDiagsCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");

  /** Of a log what is at its end, in octets. */
  private static final int MOST_OF_A_LOG = 16 << 20;

  /** What is run, by the name of the file that it is kept in. */
  private static final Map<String, List<String>> COMMANDS = new LinkedHashMap<>();

  private static final List<String> QUESTIONS =
      List.of("/v1/status", "/v1/bgp", "/v1/bgp/neighbors", "/v1/bgp/routes");

  private static final List<String> SETTINGS =
      List.of(
          "net/ipv4/ip_forward",
          "net/ipv6/conf/all/forwarding",
          "net/ipv4/conf/all/rp_filter",
          "net/ipv4/conf/default/rp_filter",
          "net/ipv4/conf/tunl0/rp_filter",
          "net/netfilter/nf_conntrack_count",
          "net/netfilter/nf_conntrack_max",
          "sys/kernel/osrelease");

  static {
    command("date", "date");
    command("ipv4_route", "ip -4 route show table all");
    command("ipv6_route", "ip -6 route show table all");
    command("ipv4_addr", "ip -4 addr");
    command("ipv6_addr", "ip -6 addr");
    command("ipv4_rule", "ip -4 rule");
    command("ipv6_rule", "ip -6 rule");
    command("link", "ip -details -statistics link");
    command("neigh", "ip neigh");
    command("fdb", "bridge fdb");
    command("qdisc", "tc -statistics qdisc");
    command("nft_ruleset", "nft -a list ruleset");
    command("ipv4_tables", "iptables-save -c");
    command("ipv6_tables", "ip6tables-save -c");
    command("ipsets", "ipset list");
    command("sockets", "ss -tuanp");
    command("conntrack", "conntrack -S");
    command("journalctl_manul_agent", "journalctl -u manul-agent --no-pager -n 20000");
  }

  private final Root root;

  @Option(
      names = "--log-dir",
      paramLabel = "DIR",
      defaultValue = "/var/log/manul",
      description = "Where the agent's log files are (/var/log/manul).")
  Path logs;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The archive to write, - for standard output (diags-DATE_TIME.tar.gz here).")
  String output;

  private final List<String> skipped = new ArrayList<>();

  NodeDiagsCommand(Root root) {
    this.root = root;
  }

  private static void command(String file, String words) {
    COMMANDS.put(file, List.of(words.split(" ", -1)));
  }

  @Override
  public Integer call() {
    Terminal terminal = root.terminal();
    String name = "diags-" + STAMP.format(LocalDateTime.now(terminal.clock()));
    String file = output == null ? name + ".tar.gz" : output;
    terminal.err().println("Collecting diagnostics");
    try (OutputStream out = opened(file);
        Archive archive = new Archive(out, name, terminal.clock().instant())) {
      collect(archive);
    } catch (IOException e) {
      throw CommandFailure.failed(file + ": the archive cannot be written: " + e.getMessage());
    }
    skipped.forEach(line -> terminal.err().println("skipped: " + line));
    if (!file.equals("-")) {
      terminal.out().println("Diags saved to " + Path.of(file).toAbsolutePath().normalize());
    }
    return ExitCode.OK;
  }

  private OutputStream opened(String file) throws IOException {
    try {
      return file.equals("-")
          ? unclosed(root.terminal().out())
          : Files.newOutputStream(Path.of(file));
    } catch (InvalidPathException e) {
      throw new IOException("it is no name of a file");
    }
  }

  /** Standard output is not ours to close: whether all of it was written is asked at the end. */
  private static OutputStream unclosed(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] octets, int from, int count) throws IOException {
        out.write(octets, from, count);
      }

      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }

  /** Puts everything there is to be had about this node into an archive. */
  private void collect(Archive archive) throws IOException {
    archive.add("hostname", Files.readString(Path.of("/proc/sys/kernel/hostname")));
    archive.add("version", VersionCommand.clientVersion() + "\n");
    for (Map.Entry<String, List<String>> command : COMMANDS.entrySet()) {
      ForeignProgram.Outcome outcome =
          ForeignProgram.run(command.getValue(), Map.of(), false, LIMIT);
      if (outcome.problem().isEmpty()) {
        archive.add(command.getKey(), outcome.output());
      } else {
        skipped.add(outcome.problem());
      }
    }
    settings(archive);
    agent(archive);
    files(archive, Path.of("/etc/cni/net.d"), "cni/");
    files(archive, logs, "logs/");
    archive.add("skipped", String.join("\n", skipped) + "\n");
  }

  private static void settings(Archive archive) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String setting : SETTINGS) {
      Path file = Path.of("/proc").resolve(setting.startsWith("sys/") ? setting : "sys/" + setting);
      if (Files.isReadable(file)) {
        text.append(setting).append(" = ").append(Files.readString(file).strip()).append('\n');
      }
    }
    archive.add("settings", text.toString());
  }

  private void agent(Archive archive) throws IOException {
    AgentClient client = new AgentClient(root.agentSocket(), LIMIT);
    for (String question : QUESTIONS) {
      try {
        String name = question.substring("/v1/".length()).replace('/', '_');
        archive.add("agent/" + name + ".json", client.get(question));
      } catch (CommandFailure e) {
        skipped.addAll(e.lines());
        if (e.exitCode() == ExitCode.UNREACHABLE) {
          return; // one line for an agent that is not there, and not one for each question
        }
      }
    }
  }

  /** The plain files of a directory, but for those that say how to get in somewhere. */
  private void files(Archive archive, Path directory, String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> found;
    try (Stream<Path> files = Files.list(directory)) {
      found = files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException | IOException e) {
      skipped.add(directory + " cannot be read");
      return;
    }
    for (Path file : found) {
      String name = file.getFileName().toString();
      if (name.contains("kubeconfig") || name.endsWith(".key") || name.endsWith(".pem")) {
        skipped.add(file + ": it may hold keys");
      } else if (Files.isReadable(file)) {
        archive.add(prefix + name, Secrets.hidden(end(file)));
      }
    }
  }

  private static String end(Path file) throws IOException {
    try (var channel = Files.newByteChannel(file)) {
      long size = channel.size();
      channel.position(Math.max(0, size - MOST_OF_A_LOG));
      ByteBuffer octets = ByteBuffer.allocate((int) Math.min(size, MOST_OF_A_LOG));
      while (octets.hasRemaining() && channel.read(octets) >= 0) {
        // until it is full, or the file got shorter meanwhile
      }
      return new String(octets.array(), 0, octets.position(), StandardCharsets.UTF_8);
    }
  }
}
