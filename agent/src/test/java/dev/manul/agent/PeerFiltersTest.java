package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.agent.PeerFilters.Towards;
import dev.manul.bgp.filter.Candidate;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.datastore.ResourceText;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What passes to and from peers, rule by rule, on resources as users write them. */
class PeerFiltersTest {

  private static final String SETTINGS =
      """
      serviceExternalIPs: [{cidr: 198.51.100.0/24}]
      serviceLoadBalancerIPs: [{cidr: 203.0.113.0/24}]
      communities: [{name: racks, value: "65000:100"}]
      prefixAdvertisements:
        - {cidr: 10.244.0.0/16, communities: [racks, "65000:1:2"]}
        - {cidr: 10.244.0.0/26, communities: ["65000:7"]}
      """;

  private final Map<String, BGPFilter> filters = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /** Two pools: 10.244.0.0/16 and 10.99.0.0/16, which is not exported. */
  @ParameterizedTest
  @CsvSource({
    // 1: nothing of a pool with disableBGPExport, own or not
    "EXTERNAL, false, LOCAL, 10.99.0.0/26, false",
    "EXTERNAL, false, REMOTE_PEERS, 10.99.0.0/26, false",
    "INTERNAL, false, LOCAL, 10.99.0.0/26, false",
    "OWN_ONLY, false, LOCAL, 10.99.0.0/26, false",
    // 5, 6: own blocks, borrowed addresses, services
    "EXTERNAL, false, LOCAL, 10.244.0.0/26, true",
    "EXTERNAL, false, LOCAL, 10.244.9.9/32, true",
    "EXTERNAL, false, LOCAL, 10.96.0.0/12, true",
    "OWN_ONLY, false, LOCAL, 10.96.0.0/12, true",
    "INTERNAL, false, LOCAL, 10.96.0.10/32, true",
    // 5c: what others have of an own block; nodes are to know
    "EXTERNAL, false, REMOTE_PEERS, 10.244.0.9/32, false",
    "INTERNAL, false, REMOTE_PEERS, 10.244.0.9/32, true",
    // 7: a reflector passes on services
    "EXTERNAL, true, REMOTE_PEERS, 198.51.100.7/32, true",
    "INTERNAL, true, REMOTE_PEERS, 203.0.113.0/24, true",
    "INTERNAL, false, REMOTE_PEERS, 203.0.113.0/24, false",
    "INTERNAL, true, REMOTE_PEERS, 10.96.0.0/12, false",
    // 8: what is in pools
    "EXTERNAL, false, REMOTE_PEERS, 10.244.0.64/26, true",
    "INTERNAL, false, REMOTE_PEERS, 10.244.0.64/26, true",
    // 9: nothing else
    "EXTERNAL, false, REMOTE_PEERS, 0.0.0.0/0, false",
    "INTERNAL, false, REMOTE_PEERS, 192.0.2.0/24, false",
    "EXTERNAL, false, REMOTE_PEERS, 10.0.0.0/8, false",
    "EXTERNAL, false, REMOTE_PEERS, fd00::/8, false",
  })
  void calicosRulesOfExport(
      Towards towards, boolean reflector, Match.Source source, String prefix, boolean passes) {
    RouteFilter filter = filters(reflector).exported(towards);

    assertThat(filter.apply(route(prefix, source, towards)).accepted()).isEqualTo(passes);
  }

  @Test
  void communitiesGoWithWhatIsInTheirPrefixes() {
    RouteFilter filter = filters(false).exported(Towards.EXTERNAL);

    PathAttributes own =
        filter.apply(route("10.244.0.0/26", Match.Source.LOCAL, Towards.EXTERNAL)).attributes();
    assertThat(own.communities()).containsExactly(65000 << 16 | 7, 65000 << 16 | 100);
    assertThat(own.largeCommunities()).hasToString("[65000:1:2]");
    PathAttributes other =
        filter
            .apply(route("10.244.0.64/26", Match.Source.REMOTE_PEERS, Towards.EXTERNAL))
            .attributes();
    assertThat(other.communities()).containsExactly(65000 << 16 | 100);
    assertThat(
            filter
                .apply(route("10.96.0.0/12", Match.Source.LOCAL, Towards.EXTERNAL))
                .attributes()
                .communities())
        .isEmpty();
  }

  @Test
  void aPeersFiltersComeFirstInTheirOrder() {
    filter(
        "a",
        """
        exportV4:
          - {action: Reject, cidr: 10.244.9.0/24, matchOperator: In, prefixLength: {min: 32, max: 32}}
          - {action: Accept, cidr: 10.99.0.0/26, matchOperator: Equal}
        """);
    filter(
        "b",
        """
        exportV4:
          - {action: Accept, cidr: 10.244.9.0/24, matchOperator: In}
          - {action: Accept, cidr: 0.0.0.0/0, matchOperator: Equal, source: RemotePeers}
          - {action: Reject, cidr: 10.244.0.0/16, matchOperator: NotIn, peerType: eBGP}
        exportV6: [{action: Accept}]
        """);
    RouteFilter filter =
        filters(false).exported(Towards.EXTERNAL, List.of("a", "b"), "BGPPeer rack");

    assertThat(problems).isEmpty();
    assertThat(filter.apply(own("10.244.9.9/32")).rule()).isEqualTo("BGPFilter a, rule 1");
    assertThat(filter.apply(own("10.244.9.0/26")).rule()).isEqualTo("BGPFilter b, rule 1");
    assertThat(filter.apply(own("10.99.0.0/26")).accepted()).as("before disableBGPExport").isTrue();
    assertThat(filter.apply(own("10.99.0.64/26")).accepted()).isFalse();
    assertThat(filter.apply(own("10.96.0.0/12")).accepted()).isFalse();
    assertThat(filter.apply(own("10.244.0.0/26")).accepted()).as("none of them").isTrue();
    assertThat(filter.apply(learned("0.0.0.0/0")).accepted()).isTrue();
    assertThat(filter.apply(learned("fd00::/8")).accepted()).isTrue();
  }

  @Test
  void importedIsWhatNoFilterRejects() {
    filter(
        "a",
        """
        importV4:
          - {action: Reject, communities: {values: ["65000:666"]}}
          - action: Accept
            asPathPrefix: [65001]
            operations:
              - {addCommunity: {value: "65000:3"}}
              - {prependASPath: {prefix: [65009]}}
              - {setPriority: {value: 512}}
        importV6: [{action: Reject, cidr: "::/0", matchOperator: Equal}]
        """);
    RouteFilter filter = filters(false).imported(List.of("a"), "BGPPeer rack");

    assertThat(filter.apply(learned("0.0.0.0/0")).accepted()).isTrue();
    assertThat(filter.apply(learned("::/0")).accepted()).isFalse();
    assertThat(filter.apply(learned("fd00::/8")).accepted()).isTrue();
    Candidate marked = learned("192.0.2.0/24");
    assertThat(
            filter
                .apply(
                    with(
                        marked,
                        marked.attributes().toBuilder()
                            .communities(List.of(65000 << 16 | 666))
                            .build()))
                .accepted())
        .isFalse();
    assertThat(filters(false).imported(List.of(), "BGPPeer rack")).isEqualTo(RouteFilter.ACCEPT);
  }

  @Test
  void nothingPassesByAFilterThatIsNotThere() {
    PeerFilters absent = filters(false);

    assertThat(absent.exported(Towards.EXTERNAL, List.of("gone"), "BGPPeer rack").rejectsAll())
        .isTrue();
    assertThat(absent.imported(List.of("gone"), "BGPPeer rack").rejectsAll()).isTrue();
    assertThat(problems)
        .containsExactly(
            "BGPPeer rack: BGPFilter gone is not there; no routes are exchanged until it is");
  }

  @Test
  void aMeshAloneIsToldEverythingUnseen() {
    ClusterView plain = view(List.of(pool("a", "10.244.0.0/16", false)), "");

    assertThat(
            new PeerFilters(plain, plain.bgpOf("n"), false, problems::add)
                .exported(Towards.OWN_ONLY))
        .isEqualTo(RouteFilter.ACCEPT);
  }

  private PeerFilters filters(boolean reflector) {
    ClusterView view =
        view(
            List.of(pool("kept", "10.99.0.0/16", true), pool("pods", "10.244.0.0/16", false)),
            SETTINGS);
    return new PeerFilters(view, view.bgpOf("n"), reflector, problems::add);
  }

  private ClusterView view(List<IPPool> pools, String settings) {
    BGPConfiguration configuration =
        (BGPConfiguration) resource("BGPConfiguration", "default", settings);
    BlockAffinity own =
        new BlockAffinity(
            Metadata.named("own"),
            new BlockAffinity.Spec(
                BlockAffinity.State.CONFIRMED,
                "n",
                BlockAffinity.TYPE_HOST,
                Prefix.parse("10.244.0.0/26"),
                false));
    return new ClusterView(
        "n",
        Map.of(),
        pools,
        List.of(own),
        List.of(),
        List.of(),
        Map.of("default", configuration),
        Optional.empty(),
        new ClusterView.OnDemand(
            "kube-system", Map.of(), filters, List.of(), List.of(), List.of()));
  }

  private void filter(String name, String spec) {
    filters.put(name, (BGPFilter) resource("BGPFilter", name, spec));
  }

  private static IPPool pool(String name, String cidr, boolean kept) {
    return (IPPool)
        resource("IPPool", name, "cidr: %s\ndisableBGPExport: %s\n".formatted(cidr, kept));
  }

  private static Resource resource(String kind, String name, String spec) {
    String yaml =
        "apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s}\nspec:\n%s"
            .formatted(kind, name, spec.isEmpty() ? "  {}\n" : spec.indent(2));
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  private static Candidate own(String prefix) {
    return route(prefix, Match.Source.LOCAL, Towards.EXTERNAL);
  }

  private static Candidate learned(String prefix) {
    return route(prefix, Match.Source.REMOTE_PEERS, Towards.EXTERNAL);
  }

  private static Candidate route(String prefix, Match.Source source, Towards towards) {
    return new Candidate(
        Prefix.parse(prefix),
        PathAttributes.EMPTY,
        source,
        Optional.empty(),
        towards == Towards.EXTERNAL ? Match.PeerType.EXTERNAL : Match.PeerType.INTERNAL,
        100);
  }

  private static Candidate with(Candidate route, PathAttributes attributes) {
    return new Candidate(
        route.prefix(),
        attributes,
        route.source(),
        route.interfaceName(),
        route.peerType(),
        route.defaultLocalPreference());
  }
}
