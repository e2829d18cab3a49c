package dev.manul.bgp;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A speaker on a loopback address, and what its listener has heard. */
final class TestSpeaker implements AutoCloseable {
  static final int PORT = 11790;

  final Ipv4Address address;
  final Speaker speaker;
  final List<BestPathChange> changes = Collections.synchronizedList(new ArrayList<>());
  final Map<Prefix, BestPath> best = new ConcurrentHashMap<>();
  volatile int convergences;
  volatile NextHopResolver resolver = NextHopResolver.always();

  private final long asNumber;
  private List<NeighborConfiguration> neighbors = List.of();
  private List<OriginatedRoute> originated = List.of();

  private TestSpeaker(String address, long asNumber, SpeakerOptions options, TimeSource time) {
    this.address = Ipv4Address.parse(address);
    this.asNumber = asNumber;
    this.speaker =
        Speaker.start(
            options,
            hop -> resolver.resolve(hop),
            new BestPathListener() {
              @Override
              public void changed(List<BestPathChange> batch) {
                for (BestPathChange change : batch) {
                  changes.add(change);
                  change
                      .best()
                      .ifPresentOrElse(
                          path -> best.put(change.prefix(), path),
                          () -> best.remove(change.prefix()));
                }
              }

              @Override
              public synchronized void converged() {
                convergences++;
              }
            },
            time);
  }

  static TestSpeaker start(String address, long asNumber) {
    return new TestSpeaker(address, asNumber, SpeakerOptions.fresh(), TimeSource.SYSTEM);
  }

  static TestSpeaker start(String address, long asNumber, TimeSource time) {
    return new TestSpeaker(address, asNumber, SpeakerOptions.fresh(), time);
  }

  static TestSpeaker restarted(String address, long asNumber) {
    return new TestSpeaker(
        address, asNumber, new SpeakerOptions(true, Duration.ofSeconds(60)), TimeSource.SYSTEM);
  }

  static TestSpeaker restarted(
      String address, long asNumber, Duration convergenceLimit, TimeSource time) {
    return new TestSpeaker(address, asNumber, new SpeakerOptions(true, convergenceLimit), time);
  }

  /** The usual configuration of a neighbour towards another speaker of a test. */
  NeighborConfiguration.Builder towards(String other, long otherAs) {
    return NeighborConfiguration.builder(Address.parse(other), otherAs)
        .port(PORT)
        .localAddress(address);
  }

  TestSpeaker neighbors(NeighborConfiguration.Builder... builders) {
    return neighbors(Stream.of(builders).map(NeighborConfiguration.Builder::build).toList());
  }

  TestSpeaker neighbors(List<NeighborConfiguration> configurations) {
    neighbors = new ArrayList<>(configurations);
    return configure();
  }

  TestSpeaker originate(String... prefixes) {
    originated = Stream.of(prefixes).map(Prefix::parse).map(OriginatedRoute::of).toList();
    return configure();
  }

  TestSpeaker originate(List<OriginatedRoute> routes) {
    originated = routes;
    return configure();
  }

  private TestSpeaker configure() {
    speaker.configure(
        new SpeakerConfiguration(
            asNumber,
            address,
            List.of(new InetSocketAddress(address.text(), PORT)),
            originated,
            neighbors));
    return this;
  }

  NeighborStatus neighbor(String other) {
    return speaker.status().neighbor(Address.parse(other)).orElseThrow();
  }

  boolean established(String other) {
    return speaker.status().neighbor(Address.parse(other)).stream()
        .anyMatch(NeighborStatus::established);
  }

  /** The prefixes the listener knows of, each with its next hops. */
  Map<String, String> routes() {
    Map<String, String> routes = new TreeMap<>();
    best.forEach(
        (prefix, path) ->
            routes.put(
                prefix.toString(),
                String.join(",", path.nextHops().stream().map(Address::text).toList())));
    return routes;
  }

  static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
  }

  @Override
  public void close() {
    speaker.close();
  }
}
