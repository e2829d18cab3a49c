package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which addresses of services a node announces, as a table. */
class ServiceRoutesTest {

  private static final String EVERYWHERE = "10.96.0.0/12 198.51.100.0/24 203.0.113.0/24";

  /**
   * A service with the cluster IP 10.96.0.10, the external IPs 198.51.100.7 and 192.0.2.7 and the
   * load balancer's IP 203.0.113.9 in all cases; ranges of the three sorts in the order of cluster,
   * external and load balancer's; where its endpoints are; and what is announced besides ranges.
   */
  @ParameterizedTest(name = "{0} {1} {2} {3} aggregated={4} endpoints={5}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // Local: by nodes with a ready endpoint, each address in a range of its sort.
        "Local | 10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | true | here |"
            + " 10.96.0.10/32 198.51.100.7/32 203.0.113.9/32",
        "Local | 10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | false | here |"
            + " 10.96.0.10/32 198.51.100.7/32 203.0.113.9/32",
        "Local | 10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | true | elsewhere | -",
        "Local | 10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | true | - | -",
        "Local | - | 198.51.100.0/24 | - | true | here | 198.51.100.7/32",
        "Local | - | - | 203.0.113.0/24 | true | here | 203.0.113.9/32",
        "Local | 10.96.0.0/12 | - | - | true | here | 10.96.0.10/32",
        "Local | - | 203.0.113.0/24 | 198.51.100.0/24 | true | here | -",
        "Local | - | 198.51.100.7/32 | - | true | here | 198.51.100.7/32",
        "Local | - | 198.51.100.7/32 | - | true | elsewhere | -",
        // Cluster: by all nodes, addresses that stand alone in the settings.
        "Cluster | 10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | true | here | -",
        "Cluster | - | 198.51.100.7/32 | - | true | - | 198.51.100.7/32",
        "Cluster | - | 198.51.100.7/32 | - | true | elsewhere | 198.51.100.7/32",
        "Cluster | - | 198.51.100.8/32 | - | true | here | -",
        "Cluster | - | - | 203.0.113.9/32 | true | - | 203.0.113.9/32",
        "Cluster | - | - | 203.0.113.9/32 | false | - | 203.0.113.9/32",
        // Without aggregation: by all nodes while somebody answers.
        "Cluster | - | - | 203.0.113.0/24 | false | elsewhere | 203.0.113.9/32",
        "Cluster | - | - | 203.0.113.0/24 | false | here | 203.0.113.9/32",
        "Cluster | - | - | 203.0.113.0/24 | false | - | -",
        "Cluster | - | 198.51.100.0/24 | - | false | here | -",
      })
  void addressesOfAService(
      String policy,
      String clusterIps,
      String externalIps,
      String loadBalancerIps,
      boolean aggregated,
      String endpoints,
      String announced) {
    ServiceRanges ranges =
        new ServiceRanges(
            prefixes(clusterIps), prefixes(externalIps), prefixes(loadBalancerIps), aggregated);
    AnnouncedService service =
        new AnnouncedService(
            key("web"),
            policy.equals("Local"),
            policy.equals("Local") ? addresses("10.96.0.10") : List.of(),
            addresses("198.51.100.7 192.0.2.7"),
            addresses("203.0.113.9"));
    List<ReadyEndpoints> slices =
        endpoints == null
            ? List.of(new ReadyEndpoints(key("other"), true))
            : List.of(new ReadyEndpoints(key("web"), endpoints.equals("here")));

    assertThat(ServiceRoutes.of(ranges, List.of(service), slices).keySet().stream())
        .filteredOn(Prefix::isSingleAddress)
        .containsExactlyInAnyOrderElementsOf(prefixes(announced));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "10.96.0.0/12 fd96::/108 | 198.51.100.0/24 | 203.0.113.0/24 | true |"
            + " 10.96.0.0/12 198.51.100.0/24 203.0.113.0/24 fd96::/108",
        "10.96.0.0/12 | 198.51.100.0/24 | 203.0.113.0/24 | false | 10.96.0.0/12 198.51.100.0/24",
        "- | 198.51.100.1/32 198.51.100.128/25 | 203.0.113.1/32 | true | 198.51.100.128/25",
        "- | - | - | true | -",
      })
  void rangesAreAnnouncedUnlessTheyAreSingleAddresses(
      String clusterIps,
      String externalIps,
      String loadBalancerIps,
      boolean aggregated,
      String announced) {
    ServiceRanges ranges =
        new ServiceRanges(
            prefixes(clusterIps), prefixes(externalIps), prefixes(loadBalancerIps), aggregated);

    assertThat(ServiceRoutes.of(ranges, List.of(), List.of()).keySet())
        .containsExactlyElementsOf(prefixes(announced));
  }

  @Test
  void anAddressOfTwoServicesIsAnnouncedWhileOneOfThemAnswersHere() {
    ServiceRanges ranges =
        new ServiceRanges(List.of(), prefixes("198.51.100.0/24"), List.of(), true);
    List<AnnouncedService> both = List.of(local("a"), local("b"));
    Prefix shared = Prefix.parse("198.51.100.7/32");

    assertThat(ServiceRoutes.of(ranges, both, List.of(here("a"), here("b")))).containsKey(shared);
    assertThat(ServiceRoutes.of(ranges, both, List.of(here("b"))))
        .containsEntry(shared, "service ns/b, Local, has a ready endpoint here");
    assertThat(ServiceRoutes.of(ranges, both, List.of())).doesNotContainKey(shared);
  }

  @Test
  void endpointsAreOfInterestOnlyWhenSomethingFollowsFromThem() {
    ServiceRanges aggregated = new ServiceRanges(List.of(), List.of(), List.of(), true);
    ServiceRanges single = new ServiceRanges(List.of(), List.of(), List.of(), false);
    AnnouncedService everywhere =
        new AnnouncedService(key("c"), false, List.of(), List.of(), addresses("203.0.113.9"));

    assertThat(ServiceRoutes.needsEndpoints(aggregated, List.of(everywhere))).isFalse();
    assertThat(ServiceRoutes.needsEndpoints(single, List.of(everywhere))).isTrue();
    assertThat(ServiceRoutes.needsEndpoints(aggregated, List.of(local("a")))).isTrue();
  }

  @Test
  void aNodeCanBeLeftOut() {
    String label = "node.kubernetes.io/exclude-from-external-load-balancers";

    assertThat(ServiceRoutes.isExcluded(Map.of(label, "true"))).isTrue();
    assertThat(ServiceRoutes.isExcluded(Map.of(label, "false"))).isFalse();
    assertThat(ServiceRoutes.isExcluded(Map.of())).isFalse();
  }

  @Test
  void allRangesAreLeftToTheServiceProxy() {
    ServiceRanges ranges =
        new ServiceRanges(
            prefixes("10.96.0.0/12"),
            prefixes("198.51.100.0/24"),
            prefixes("203.0.113.0/24"),
            true);

    assertThat(ranges.all()).containsExactlyElementsOf(prefixes(EVERYWHERE));
  }

  private static AnnouncedService local(String name) {
    return new AnnouncedService(key(name), true, List.of(), addresses("198.51.100.7"), List.of());
  }

  private static ReadyEndpoints here(String name) {
    return new ReadyEndpoints(key(name), true);
  }

  private static Key key(String name) {
    return new Key("ns", name);
  }

  private static List<Prefix> prefixes(String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" ", -1)).map(Prefix::parse).toList();
  }

  private static List<Address> addresses(String text) {
    return Arrays.stream(text.split(" ", -1)).map(Address::parse).toList();
  }
}
