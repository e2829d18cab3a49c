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
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Three hosts on one wire, each a network namespace: {@code manul-bgp} lives on the first, the
 * speaker under test on the second, a bystander on the third. Host N is 10.99.0.N and
 * 2001:db8:99::N. Closing the lab ends every process in it and removes the namespaces.
 */
final class Lab implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(75);
  private static final String MARK = "mnbi-";

  /** Lab's names: the mark, the process that made it, the lab, the host. */
  private static final Pattern OURS = Pattern.compile(MARK + "([0-9]+)-.*");

  /** A host of the lab. */
  record Host(String namespace, int number) {
    String v4() {
      return "10.99.0." + number;
    }

    String v6() {
      return "2001:db8:99::" + number;
    }

    /** Whether an address, IPv6 ones as the JDK writes them, is one of the host's. */
    boolean has(String address) {
      return address.equals(v4()) || address.equals("2001:db8:99:0:0:0:0:" + number);
    }
  }

  final Host ours;
  final Host theirs;
  final Host third;
  private final String wire;
  private final Path directory;
  private final List<Process> processes = new ArrayList<>();

  private Lab(String name) throws IOException {
    String stem = MARK + ProcessHandle.current().pid() + "-" + name + "-";
    ours = new Host(stem + "1", 1);
    theirs = new Host(stem + "2", 2);
    third = new Host(stem + "3", 3);
    wire = stem + "w";
    // A Unix socket's path has to be short.
    directory = Files.createTempDirectory("mnbi");
  }

  /** Makes the namespaces; what a killed test run has left is removed first. */
  static Lab open(String name) throws IOException {
    removeLeftovers();
    Lab lab = new Lab(name);
    try {
      lab.build();
    } catch (IOException | RuntimeException e) {
      lab.close();
      throw e;
    }
    return lab;
  }

  private static synchronized void removeLeftovers() throws IOException {
    if (!Files.isDirectory(Path.of("/run/netns"))) {
      return;
    }
    try (Stream<Path> all = Files.list(Path.of("/run/netns"))) {
      for (Path path : all.toList()) {
        String name = path.getFileName().toString();
        var matcher = OURS.matcher(name);
        if (matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
          run("ip", "netns", "del", name);
        }
      }
    }
  }

  private void build() throws IOException {
    run("ip", "netns", "add", wire);
    run("ip -n " + wire + " link add br0 type bridge");
    run("ip -n " + wire + " link set br0 up");
    for (Host host : List.of(ours, theirs, third)) {
      String port = "port" + host.number();
      run("ip", "netns", "add", host.namespace());
      run("ip -n " + wire + " link add " + port + " type veth peer eth0 netns " + host.namespace());
      run("ip -n " + wire + " link set " + port + " master br0 up");
      String ip = "ip -n " + host.namespace();
      run(ip + " link set lo up");
      run(ip + " addr add " + host.v4() + "/24 dev eth0");
      run(ip + " addr add " + host.v6() + "/64 dev eth0 nodad");
      run(ip + " link set eth0 up");
    }
  }

  Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  Path directory() {
    return directory;
  }

  /** Starts a program on a host; its output goes to a file of the lab. */
  Process start(Host host, String output, List<String> command) throws IOException {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", host.namespace()));
    all.addAll(command);
    return start(output, all);
  }

  private Process start(String output, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(path(output).toFile()))
            .start();
    synchronized (processes) {
      processes.add(process);
    }
    return process;
  }

  /** Starts {@code manul-bgp} on our host and waits until it says that it is ready. */
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
                "-Xshare:auto",
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
    signal("HUP", manul.toHandle());
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
    return ask(theirs, List.of("birdc", "-s", path("bird.ctl").toString(), command));
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
    return ask(theirs, all);
  }

  static void signal(String name, ProcessHandle process) throws IOException {
    run("kill -" + name + " " + process.pid());
  }

  /** Ends a process with SIGKILL and waits for it. */
  void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
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
    } catch (IOException | StringIndexOutOfBoundsException e) {
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

  /** The first route to a prefix in one of manul-bgp's tables; an empty object when none is. */
  JsonNode route(String table, String prefix) {
    return routes(table, prefix).stream().findFirst().orElseGet(JSON::createObjectNode);
  }

  /** All routes to a prefix in one of manul-bgp's tables. */
  List<JsonNode> routes(String table, String prefix) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode route : manul(table).path("routes")) {
      if (route.path("prefix").asText().equals(prefix)) {
        found.add(route);
      }
    }
    return found;
  }

  boolean established(String address) {
    return neighbor(address).path("state").asText().equals("ESTABLISHED");
  }

  /** Waits for a condition; when it does not come, the failure shows what everybody logged. */
  void eventually(String what, BooleanSupplier condition) {
    try {
      await(what)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(150))
          .until(condition::getAsBoolean);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(what + " did not come about\n" + everything(), e);
    }
  }

  /** The end of what everybody logged, and what manul-bgp says. */
  String everything() {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        all.append("== ").append(file).append('\n');
        all.append(text.substring(Math.max(0, text.length() - 6000))).append('\n');
      }
    } catch (IOException e) {
      all.append(e);
    }
    all.append("== status\n").append(manul("/v1/status")).append('\n');
    return all.append("== routes\n").append(manul("/v1/routes")).append('\n').toString();
  }

  String output(String name) {
    try {
      return Files.exists(path(name))
          ? Files.readString(path(name), StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  static void run(String command) throws IOException {
    run(command.split(" "));
  }

  static void run(String... command) throws IOException {
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

  /** What a program says when it is run on a host, errors included. */
  String ask(Host host, List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", host.namespace()));
    all.addAll(command);
    return ask(all);
  }

  static String ask(List<String> command) {
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
    List<Process> all;
    synchronized (processes) {
      all = List.copyOf(processes);
    }
    for (Process process : all) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    try {
      for (Process process : all) {
        process.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (String name : List.of(ours.namespace(), theirs.namespace(), third.namespace(), wire)) {
      if (Files.exists(Path.of("/run/netns", name))) {
        run("ip", "netns", "del", name);
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
