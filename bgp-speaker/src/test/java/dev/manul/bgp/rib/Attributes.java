package dev.manul.bgp.rib;

import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.AsPath.Segment;
import dev.manul.bgp.wire.AsPath.SegmentType;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Builds path attributes for tests. */
final class Attributes {
  private Optional<Address> nextHop;
  private Origin origin = Origin.IGP;
  private List<Segment> path = new ArrayList<>();
  private OptionalLong med = OptionalLong.empty();
  private OptionalLong localPreference = OptionalLong.empty();
  private List<Integer> communities = List.of();
  private Optional<Ipv4Address> originator = Optional.empty();
  private List<Ipv4Address> clusters = List.of();
  private OptionalLong onlyToCustomer = OptionalLong.empty();
  private Optional<Aigp> aigp = Optional.empty();

  private Attributes(String nextHop) {
    this.nextHop = Optional.ofNullable(nextHop).map(Address::parse);
  }

  /** Without a next hop, as a route of this speaker's own. */
  static Attributes via() {
    return new Attributes(null);
  }

  Attributes nextHop(String value) {
    nextHop = Optional.of(Address.parse(value));
    return this;
  }

  static Attributes via(String nextHop) {
    return new Attributes(nextHop);
  }

  Attributes origin(Origin value) {
    origin = value;
    return this;
  }

  Attributes path(Long... asNumbers) {
    path.add(new Segment(SegmentType.SEQUENCE, List.of(asNumbers)));
    return this;
  }

  Attributes set(Long... asNumbers) {
    path.add(new Segment(SegmentType.SET, List.of(asNumbers)));
    return this;
  }

  Attributes med(long value) {
    med = OptionalLong.of(value);
    return this;
  }

  Attributes localPreference(long value) {
    localPreference = OptionalLong.of(value);
    return this;
  }

  Attributes communities(Integer... values) {
    communities = List.of(values);
    return this;
  }

  Attributes originator(String id) {
    originator = Optional.of(Ipv4Address.parse(id));
    return this;
  }

  Attributes clusters(String... ids) {
    clusters = Stream.of(ids).map(Ipv4Address::parse).toList();
    return this;
  }

  Attributes onlyToCustomer(long asNumber) {
    onlyToCustomer = OptionalLong.of(asNumber);
    return this;
  }

  Attributes aigp(long metric) {
    aigp = Optional.of(new Aigp(metric, Octets.EMPTY));
    return this;
  }

  PathAttributes get() {
    return PathAttributes.builder()
        .origin(origin)
        .asPath(new AsPath(path))
        .nextHop(nextHop)
        .multiExitDiscriminator(med)
        .localPreference(localPreference)
        .communities(communities)
        .originatorId(originator)
        .clusterList(clusters)
        .onlyToCustomer(onlyToCustomer)
        .aigp(aigp)
        .build();
  }
}
