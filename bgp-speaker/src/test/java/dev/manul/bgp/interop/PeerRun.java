package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.interop.Outcome.Fails;
import dev.manul.bgp.interop.Outcome.Lacking;
import dev.manul.bgp.interop.Outcome.Lacks;
import dev.manul.bgp.interop.Outcome.Works;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer's way through all features. The features of a stage share sessions, since some daemons
 * take half a minute to connect again.
 */
final class PeerRun implements AutoCloseable {
  static final int OPEN = 1;
  static final int UPDATE = 2;
  static final int NOTIFICATION = 3;
  static final int ROUTE_REFRESH = 5;

  private static final Logger log = LoggerFactory.getLogger(PeerRun.class);

  private final long start = System.nanoTime();
  private final Peer kind;
  final Lab lab;
  final PeerDaemon peer;
  final BirdDaemon third;
  final String version;
  Process manul;
  private final Map<Feature, Outcome> outcomes = new EnumMap<>(Feature.class);

  PeerRun(Peer kind) throws IOException {
    this.kind = kind;
    lab = Lab.open(kind.name().replaceAll("[a-z_ ]", "").toLowerCase(java.util.Locale.ROOT));
    peer = kind.on(lab, lab.theirs);
    third = new BirdDaemon(lab, lab.third, Installation.HERE, "/usr/sbin");
    version = peer.version();
    var _ =
        lab.start(
            lab.ours,
            "tcpdump.log",
            List.of(
                "tcpdump",
                "-i",
                "eth0",
                "-U",
                "--immediate-mode",
                "-s",
                "0",
                "-w",
                lab.path("capture").toString(),
                "tcp port 179"));
    lab.eventually("tcpdump listens", () -> lab.output("tcpdump.log").contains("listening on"));
  }

  /** A part of a check; whatever it throws is the outcome. */
  @FunctionalInterface
  interface Check {
    void run() throws IOException;
  }

  Map<Feature, Outcome> outcomes() {
    return outcomes;
  }

  void check(Feature feature, Check check) {
    Outcome outcome;
    try {
      check.run();
      outcome = new Works();
    } catch (Lacking e) {
      outcome = new Lacks(e.getMessage());
    } catch (AssertionError | IOException | RuntimeException e) {
      outcome = new Fails(new AssertionError(e + "\n" + lab.everything(), e));
      keepCapture(feature);
    }
    outcomes.put(feature, outcome);
    log.info("{} {} after {} s", kind, feature, seconds());
  }

  long seconds() {
    return (System.nanoTime() - start) / 1_000_000_000;
  }

  /** What was on the wire until a check failed is for tcpdump to read. */
  private void keepCapture(Feature feature) {
    try {
      Path kept = Files.createDirectories(Path.of("target/interop"));
      Path copy = kept.resolve(kind + "-" + feature + ".pcap");
      Files.copy(lab.path("capture"), copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("the capture is lost", e);
    }
  }

  /** Several features after a common beginning; when that fails, so do all of them. */
  void stage(Check beginning, Map<Feature, Check> checks) {
    try {
      beginning.run();
      log.info("{} is ready for {} after {} s", kind, checks.keySet(), seconds());
    } catch (AssertionError | IOException | RuntimeException e) {
      checks.keySet().forEach(f -> outcomes.put(f, new Fails(e)));
      return;
    }
    checks.forEach(this::check);
  }

  void startManul(String configuration, String... flags) throws IOException {
    manul = lab.startManul(configuration, flags);
  }

  /** Gives manul-bgp a configuration, and starts it first where it does not run. */
  void configureManul(String configuration) throws IOException {
    if (manul != null && manul.isAlive()) {
      lab.reload(manul, configuration);
    } else {
      startManul(configuration);
    }
  }

  /** What is left is manul-bgp. */
  void killPeers() {
    peer.kill();
    third.kill();
  }

  void killAll() {
    killPeers();
    if (manul != null) {
      lab.kill(manul);
    }
  }

  /** Messages of a type that one host has sent to another, oldest first. */
  List<Capture.Message> sent(Lab.Host from, Lab.Host to, int type) {
    try {
      return Capture.read(lab.path("capture")).stream()
          .filter(m -> m.type() == type)
          .filter(m -> from.has(m.from()) && to.has(m.to()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that one host has sent to another, oldest first. */
  List<BgpMessage> read(Lab.Host from, Lab.Host to) {
    try {
      return Conversation.contexts(Capture.read(lab.path("capture"))).stream()
          .filter(c -> from.has(c.message().from()) && to.has(c.message().to()))
          .flatMap(c -> c.decoded().stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last UPDATE with a prefix that one host has sent to another. */
  Optional<Update> lastUpdate(Lab.Host from, Lab.Host to, String prefix) {
    return read(from, to).stream()
        .filter(Update.class::isInstance)
        .map(Update.class::cast)
        .filter(update -> prefixes(update).anyMatch(p -> p.toString().equals(prefix)))
        .reduce((before, after) -> after);
  }

  private static Stream<Prefix> prefixes(Update update) {
    return StreamSupport.stream(update.announced().spliterator(), false);
  }

  /** Whether an UPDATE announces prefixes of a family. */
  static boolean announces(Update update, Family family) {
    return prefixes(update).anyMatch(p -> Family.unicast(p.family()).equals(family));
  }

  /** What the peer has said, for {@link Recording}. */
  List<String> recorded() throws IOException {
    return Recording.lines(
        kind.name(), Conversation.contexts(Capture.read(lab.path("capture"))), lab.theirs);
  }

  /** Whether the peer's last OPEN has such a capability. */
  boolean announces(Class<? extends Capability> kind) {
    return capabilities().stream().anyMatch(kind::isInstance);
  }

  List<Capability> capabilities() {
    List<Capture.Message> opens = sent(lab.theirs, lab.ours, OPEN);
    assertThat(opens).as("OPENs of the peer").isNotEmpty();
    return Conversation.open(opens.getLast()).capabilities();
  }

  /** Waits until a supplied value passes an assertion; the last failure is what is thrown. */
  <T> T settled(String what, Supplier<T> value, java.util.function.Consumer<T> assertion) {
    var last =
        new Object() {
          T value;
          AssertionError error;
        };
    try {
      lab.eventually(
          what,
          () -> {
            last.value = value.get();
            try {
              assertion.accept(last.value);
              return true;
            } catch (AssertionError e) {
              last.error = e;
              return false;
            }
          });
    } catch (AssertionError e) {
      if (last.error != null) {
        last.error.addSuppressed(e);
        throw last.error;
      }
      throw e;
    }
    return last.value;
  }

  boolean weHave(String prefix) {
    return lab.route("/v1/routes", prefix).path("best").asBoolean();
  }

  @Override
  public void close() throws IOException {
    lab.close();
  }
}
