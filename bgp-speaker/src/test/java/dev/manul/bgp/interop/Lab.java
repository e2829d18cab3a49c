package dev.manul.bgp.interop;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Two namespaces joined by a veth pair: {@code manul-bgp} lives in ours (10.99.0.1 and
 * 2001:db8:99::1), another speaker in theirs (10.99.0.2 and 2001:db8:99::2). Closing it ends every
 * process and removes the namespaces.
 */
final class Lab implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  final String ours;
  final String theirs;
  private final Path directory;
  private final List<Process> processes = new ArrayList<>();

  private Lab(String name) throws IOException {
    ours = "mnbi-" + name + "-a";
    theirs = "mnbi-" + name + "-b";
    // A Unix socket's path has to be short.
    directory = Files.createTempDirectory("mnbi");
  }

  /** Makes the namespaces; what a killed test run of that name has left is removed first. */
  static Lab open(String name) throws IOException {
    Lab lab = new Lab(name);
    lab.removeNamespaces();
    try {
      lab.build();
    } catch (IOException | RuntimeException e) {
      lab.close();
      throw e;
    }
    return lab;
  }

  private void build() throws IOException {
    run("ip", "netns", "add", ours);
    run("ip", "netns", "add", theirs);
    run("ip link add eth0 netns " + ours + " type veth peer name eth0 netns " + theirs);
    for (String end : List.of(ours + " 1", theirs + " 2")) {
      String name = end.substring(0, end.length() - 2);
      String host = end.substring(end.length() - 1);
      run("ip -n " + name + " link set lo up");
      run("ip -n " + name + " addr add 10.99.0." + host + "/24 dev eth0");
      run("ip -n " + name + " addr add 2001:db8:99::" + host + "/64 dev eth0 nodad");
      run("ip -n " + name + " link set eth0 up");
    }
  }

  Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  /** Starts a program in a namespace; its output goes to a file named after it. */
  private Process start(String namespace, String output, List<String> command) throws IOException {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(command);
    return start(output, all);
  }

  private Process start(String output, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(output).toFile()))
            .start();
    processes.add(process);
    return process;
  }

  /** Starts {@code manul-bgp} in our namespace and waits until it says that it is ready. */
  Process startManul(String configuration, String... flags) throws IOException {
    Process process = start(ours, "manul.log", manulCommand(configuration, flags));
    awaitReady();
    return process;
  }

  /** Starts {@code manul-bgp} in the test's own namespace, so that the test can connect to it. */
  Process startManulHere(String configuration) throws IOException {
    Process process = start("manul.log", manulCommand(configuration));
    awaitReady();
    return process;
  }

  private void awaitReady() {
    eventually("manul-bgp is ready", () -> output("manul.log").lines().anyMatch("ready"::equals));
  }

  private List<String> manulCommand(String configuration, String... flags) throws IOException {
    Path config = file("manul.yaml", withControl(configuration));
    Files.deleteIfExists(directory.resolve("manul.log"));
    List<String> command =
        new ArrayList<>(
            List.of(
                // A JVM leaves SIGHUP alone when it was ignored at its start, as under nohup.
                "env",
                "--default-signal=HUP",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx96m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.manul.bgp.daemon.Main",
                "--config",
                config.toString()));
    command.addAll(List.of(flags));
    return command;
  }

  private String withControl(String configuration) {
    return configuration + "control: " + path("manul.sock") + "\n";
  }

  /** Gives a running manul-bgp another configuration. */
  void reload(Process manul, String configuration) throws IOException {
    file("manul.yaml", withControl(configuration));
    run("kill -HUP " + manul.pid());
  }

  /** Starts BIRD 2 in their namespace. */
  Process startBird(String configuration, String... flags) throws IOException {
    Path config = file("bird.conf", configuration);
    List<String> command =
        new ArrayList<>(
            List.of(
                "bird",
                "-f",
                "-c",
                config.toString(),
                "-s",
                path("bird.ctl").toString(),
                "-P",
                path("bird.pid").toString()));
    command.addAll(List.of(flags));
    Process process = start(theirs, "bird.log", command);
    eventually("BIRD answers", () -> birdc("show status").contains("Daemon is up"));
    return process;
  }

  String birdc(String command) {
    return capture("birdc", "-s", path("bird.ctl").toString(), command);
  }

  /** Starts FRR's zebra and bgpd in their namespace. */
  Process startFrr(String configuration) throws IOException {
    Path zebra = file("zebra.conf", "hostname frr\nlog stdout\n");
    Path bgpd = file("bgpd.conf", configuration);
    run("chown -R frr:frr " + directory); // they drop root, and make sockets there
    startFrrDaemon("zebra", zebra);
    eventually("zebra listens", () -> Files.exists(path("zserv.api")));
    Process process = startFrrDaemon("bgpd", bgpd, "-n");
    eventually("bgpd answers", () -> vtysh("show bgp summary").contains("BGP router identifier"));
    return process;
  }

  /** Starts FRR's bfdd beside the others. */
  Process startBfdd() throws IOException {
    Path config = file("bfdd.conf", "hostname frr\nlog stdout\n");
    return startFrrDaemon("bfdd", config, "--bfdctl", path("bfdd.sock").toString());
  }

  private Process startFrrDaemon(String name, Path config, String... flags) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/lib/frr/" + name,
                "-f",
                config.toString(),
                "-i",
                path(name + ".pid").toString(),
                "-z",
                path("zserv.api").toString(),
                "--vty_socket",
                directory.toString(),
                "-P",
                "0",
                "--log",
                "stdout"));
    command.addAll(List.of(flags));
    return start(theirs, name + ".log", command);
  }

  /** What FRR answers to the last of some commands given one after the other. */
  String vtysh(String... commands) {
    List<String> all = new ArrayList<>(List.of("vtysh", "--vty_socket", directory.toString()));
    for (String command : commands) {
      all.add("-c");
      all.add(command);
    }
    return capture(all.toArray(String[]::new));
  }

  /** Ends a process with SIGKILL and waits for it. */
  void kill(Process process) {
    process.destroyForcibly();
    eventually("the process is gone", () -> !process.isAlive());
  }

  /** What manul-bgp's control socket answers. */
  JsonNode manul(String path) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path("manul.sock")));
      String request =
          String.join("\r\n", "GET " + path + " HTTP/1.1", "Connection: close", "", "");
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    } catch (IOException e) {
      return JSON.createObjectNode().put("error", e.toString());
    }
  }

  /** The neighbour's part of manul-bgp's status. */
  JsonNode neighbor(String address) {
    for (JsonNode neighbor : manul("/v1/status").path("neighbors")) {
      if (neighbor.path("address").asText().equals(address)) {
        return neighbor;
      }
    }
    return JSON.createObjectNode();
  }

  /** The first route to a prefix in one of manul-bgp's tables; a missing node when none is. */
  JsonNode route(String table, String prefix) {
    for (JsonNode route : manul(table).path("routes")) {
      if (route.path("prefix").asText().equals(prefix)) {
        return route;
      }
    }
    return JSON.createObjectNode();
  }

  boolean established(String address) {
    return neighbor(address).path("state").asText().equals("ESTABLISHED");
  }

  /** Waits for a condition; when it does not come, the failure shows what everybody logged. */
  void eventually(String what, Supplier<Boolean> condition) {
    try {
      await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(condition::get);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(what + " did not come about\n" + everything(), e);
    }
  }

  private String everything() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        all.append("== ").append(file).append('\n').append(Files.readString(file)).append('\n');
      }
    } catch (IOException e) {
      all.append(e);
    }
    all.append("== status\n").append(manul("/v1/status")).append('\n');
    return all.append("== routes\n").append(manul("/v1/routes")).append('\n').toString();
  }

  String output(String name) {
    try {
      return Files.exists(path(name)) ? Files.readString(path(name)) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  static void run(String command) throws IOException {
    run(command.split(" "));
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  static String capture(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() throws IOException {
    processes.forEach(Process::destroyForcibly);
    try {
      for (Process process : processes) {
        process.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    removeNamespaces();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void removeNamespaces() throws IOException {
    for (String name : List.of(ours, theirs)) {
      if (Files.exists(Path.of("/run/netns", name))) {
        run("ip", "netns", "del", name);
      }
    }
  }
}
