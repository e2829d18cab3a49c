package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.EndpointSlice;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.IntOrString;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.NetworkSet;
import dev.manul.model.Pod;
import dev.manul.model.PolicyRule;
import dev.manul.model.Prefix;
import dev.manul.model.Service;
import dev.manul.model.ServiceAccount;
import dev.manul.model.Tier;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Endpoints, network sets, profiles, tiers and services. */
final class EndpointsTest {

  private static final EndpointId WEB = new EndpointId.Workload("prod", "n--1-k8s-web-eth0");

  private static Metadata metadata(
      String namespace, String name, Map<String, String> labels, Map<String, String> annotations) {
    return new Metadata(name, namespace, labels, annotations, "", "", "");
  }

  private static Pod pod(
      Map<String, String> labels, Map<String, String> annotations, Pod.Spec spec, Pod.Status how) {
    return new Pod(metadata("prod", "web", labels, annotations), spec, how);
  }

  private static Pod.Spec spec(String node, String account, boolean hostNetwork) {
    return new Pod.Spec(
        node,
        account,
        hostNetwork,
        List.of(
            new WorkloadEndpoint.Port("http", "TCP", 80, 0, ""),
            new WorkloadEndpoint.Port("", "TCP", 81, 0, ""),
            new WorkloadEndpoint.Port("dns", "UDP", 53, 0, "")));
  }

  private static Endpoint endpoint(Translated translated) {
    assertThat(translated.problems()).isEmpty();
    return ((Fact.EndpointIs) translated.facts().getFirst()).endpoint();
  }

  private static Set<Prefix> prefixes(String... texts) {
    return java.util.Arrays.stream(texts).map(Prefix::parse).collect(Collectors.toSet());
  }

  @Test
  void aPodIsAnEndpointWithLabelsOfWhereItIs() {
    Endpoint.Local local = new Endpoint.Local("cali1", Set.of());
    Endpoint made =
        endpoint(
            Translation.pod(
                pod(
                    Map.of("app", "web", "projectcalico.org/namespace", "other"),
                    Map.of(),
                    spec("n-1", "bot", false),
                    new Pod.Status("Running", "", List.of("10.0.0.1", "fd00::1"))),
                Optional.of(local)));
    assertThat(made)
        .isEqualTo(
            new Endpoint(
                WEB,
                Map.of(
                    "app",
                    "web",
                    "projectcalico.org/namespace",
                    "prod",
                    "projectcalico.org/orchestrator",
                    "k8s",
                    "projectcalico.org/serviceaccount",
                    "bot"),
                List.of("kns.prod", "ksa.prod.bot"),
                prefixes("10.0.0.1", "fd00::1"),
                List.of(new NamedPort("http", 6, 80), new NamedPort("dns", 17, 53)),
                Optional.of(local)));
  }

  @Test
  void labelsCannotPassForAnothersNamespaceOrAccount() {
    Map<String, String> forged =
        Map.of(
            "pcns.team", "x", "pcsa.role", "y", "projectcalico.org/serviceaccount", "z", "a", "b");
    Endpoint made =
        endpoint(
            Translation.pod(
                pod(forged, Map.of(), spec("n-1", "", false), Pod.Status.EMPTY), Optional.empty()));
    assertThat(made.labels())
        .containsOnlyKeys("a", "projectcalico.org/namespace", "projectcalico.org/orchestrator");
    assertThat(made.profiles()).containsExactly("kns.prod");
    assertThat(made.addresses()).isEmpty();
    String longName = "a".repeat(63);
    assertThat(
            endpoint(
                    Translation.pod(
                        pod(Map.of(), Map.of(), spec("n-1", longName, false), Pod.Status.EMPTY),
                        Optional.empty()))
                .labels())
        .doesNotContainKey("projectcalico.org/serviceaccount");
  }

  @Test
  void addressesAreThoseOfThePluginBeforeThoseOfTheKubelet() {
    Pod.Status status = new Pod.Status("Pending", "", List.of("10.0.0.9"));
    String key = "cni.projectcalico.org/podIPs";
    assertThat(addresses(Map.of(key, "10.0.0.1/32,fd00::1/128"), status))
        .isEqualTo(prefixes("10.0.0.1", "fd00::1"));
    assertThat(addresses(Map.of("cni.projectcalico.org/podIP", "10.0.0.1/32"), status))
        .isEqualTo(prefixes("10.0.0.1"));
    assertThat(addresses(Map.of(key, ""), status)).isEmpty();
    assertThat(addresses(Map.of(), status)).isEqualTo(prefixes("10.0.0.9"));
  }

  private static Set<Prefix> addresses(Map<String, String> annotations, Pod.Status status) {
    return endpoint(
            Translation.pod(
                pod(Map.of(), annotations, spec("n-1", "", false), status), Optional.empty()))
        .addresses();
  }

  @Test
  void podsWithoutANetworkOfTheirOwnAreNone() {
    Fact gone = new Fact.EndpointGone(WEB);
    Pod.Status up = new Pod.Status("Running", "", List.of("10.0.0.1"));
    assertThat(
            Translation.pod(pod(Map.of(), Map.of(), spec("n-1", "", true), up), Optional.empty())
                .facts())
        .containsExactly(gone);
    for (String phase : List.of("Succeeded", "Failed")) {
      Pod ended =
          pod(
              Map.of(),
              Map.of(),
              spec("n-1", "", false),
              new Pod.Status(phase, "", List.of("10.0.0.1")));
      assertThat(Translation.pod(ended, Optional.empty()).facts()).containsExactly(gone);
      assertThat(Translation.gone(ended)).isEqualTo(gone);
    }
    assertThat(Translation.pod(pod(Map.of(), Map.of(), spec("", "", false), up), Optional.empty()))
        .isEqualTo(Translated.NOTHING);
  }

  @Test
  void aWorkloadEndpointIsTheSameWithoutAPod() {
    WorkloadEndpoint stored =
        new WorkloadEndpoint(
            metadata("prod", "n--1-k8s-web-eth0", Map.of("app", "web"), Map.of()),
            WorkloadEndpoint.Spec.ofPod(
                "n-1", "web", "", List.of(Prefix.parse("10.0.0.1/32")), "cali1"));
    Endpoint made = endpoint(Translation.workload(stored, Optional.empty()));
    assertThat(made.id()).isEqualTo(WEB);
    assertThat(made.profiles()).containsExactly("kns.prod");
    assertThat(made.labels())
        .containsEntry("projectcalico.org/orchestrator", "k8s")
        .containsEntry("projectcalico.org/namespace", "prod")
        .containsEntry("app", "web");
    assertThat(Translation.gone(stored)).isEqualTo(new Fact.EndpointGone(WEB));
  }

  @Test
  void aHostEndpointHasItsOwnProfilesAndPorts() {
    HostEndpoint stored =
        new HostEndpoint(
            metadata("", "n1-eth0", Map.of("projectcalico.org/namespace", "x", "a", "b"), Map.of()),
            new HostEndpoint.Spec(
                "n1",
                "eth0",
                List.of("10.0.0.1", "nonsense"),
                List.of("p"),
                List.of(
                    new HostEndpoint.Port("ssh", Optional.of(new IntOrString("TCP")), 22),
                    new HostEndpoint.Port("x", Optional.of(new IntOrString("ICMP")), 22))));
    Translated translated = Translation.host(stored, Optional.empty());
    assertThat(translated.problems())
        .containsExactly(
            "HostEndpoint n1-eth0: spec.expectedIPs[1]: \"nonsense\" is not an IPv4 address");
    assertThat(translated.facts())
        .containsExactly(
            new Fact.EndpointIs(
                new Endpoint(
                    new EndpointId.Host("n1-eth0"),
                    Map.of("a", "b"),
                    List.of("p"),
                    prefixes("10.0.0.1"),
                    List.of(new NamedPort("ssh", 6, 22)),
                    Optional.empty())));
  }

  @Test
  void networkSetsAreEndpointsWithPrefixes() {
    NetworkSet set =
        new NetworkSet(
            metadata("prod", "s", Map.of("a", "b"), Map.of()),
            new NetworkSet.Spec(List.of("10.1.2.3/8", "fd00::1")));
    assertThat(endpoint(Translation.of(set)))
        .isEqualTo(
            new Endpoint(
                new EndpointId.NetworkSet("prod", "s"),
                Map.of("a", "b", "projectcalico.org/namespace", "prod"),
                List.of("kns.prod"),
                prefixes("10.0.0.0/8", "fd00::1"),
                List.of(),
                Optional.empty()));
    GlobalNetworkSet global =
        new GlobalNetworkSet(
            metadata("", "s", Map.of("a", "b"), Map.of()),
            new GlobalNetworkSet.Spec(List.of("10.0.0.0/8", "10.0.0.0/40")));
    Translated translated = Translation.of(global);
    assertThat(translated.problems())
        .containsExactly(
            "GlobalNetworkSet s: spec.nets[1]: a prefix length of 40 is not within 0 to 32");
    Endpoint made = ((Fact.EndpointIs) translated.facts().getFirst()).endpoint();
    assertThat(made.labels()).isEqualTo(Map.of("a", "b"));
    assertThat(made.addresses()).isEqualTo(prefixes("10.0.0.0/8"));
    assertThat(Translation.gone(global))
        .isEqualTo(new Fact.EndpointGone(new EndpointId.NetworkSet("", "s")));
  }

  @Test
  void namespacesAndAccountsGiveLabels() {
    List<Rule> all = List.of(Rule.every(Action.ALLOW));
    Namespace namespace = new Namespace(metadata("", "prod", Map.of("team", "x"), Map.of()));
    assertThat(Translation.of(namespace).facts())
        .containsExactly(
            new Fact.ProfileIs(
                new Profile(
                    "kns.prod",
                    all,
                    all,
                    Map.of(
                        "pcns.team",
                        "x",
                        "pcns.projectcalico.org/name",
                        "prod",
                        "pcns.kubernetes.io/metadata.name",
                        "prod"))));
    assertThat(Translation.gone(namespace)).isEqualTo(new Fact.ProfileGone("kns.prod"));
    ServiceAccount account =
        new ServiceAccount(metadata("prod", "bot", Map.of("role", "y"), Map.of()));
    assertThat(Translation.of(account).facts())
        .containsExactly(
            new Fact.ProfileIs(
                new Profile(
                    "ksa.prod.bot",
                    List.of(),
                    List.of(),
                    Map.of("pcsa.role", "y", "pcsa.projectcalico.org/name", "bot"))));
  }

  @Test
  void profilesAndTiersThatAreAlwaysThereStay() {
    assertThat(Translation.builtIn())
        .containsExactly(
            new Fact.TierIs(new dev.manul.policy.meaning.Tier("default", 1_000_000, Action.DENY)),
            new Fact.TierIs(new dev.manul.policy.meaning.Tier("kube-admin", 1_000, Action.PASS)),
            new Fact.TierIs(
                new dev.manul.policy.meaning.Tier("kube-baseline", 10_000_000, Action.PASS)),
            new Fact.ProfileIs(Profiles.DEFAULT_ALLOW));
    Tier changed =
        new Tier(Metadata.named("default"), new Tier.Spec(Optional.of(5.0), Optional.of("Pass")));
    assertThat(Translation.of(changed).facts()).containsExactly(Translation.builtIn().getFirst());
    assertThat(Translation.gone(changed)).isEqualTo(Translation.builtIn().getFirst());
  }

  @Test
  void tiersDenyUnlessTheyPass() {
    assertThat(tier(Optional.of(7.5), Optional.of("Pass")).facts())
        .containsExactly(new Fact.TierIs(new dev.manul.policy.meaning.Tier("t", 7.5, Action.PASS)));
    assertThat(tier(Optional.empty(), Optional.empty()).facts())
        .containsExactly(
            new Fact.TierIs(
                new dev.manul.policy.meaning.Tier("t", Double.POSITIVE_INFINITY, Action.DENY)));
    assertThat(tier(Optional.empty(), Optional.of("Allow")).problems())
        .containsExactly(
            "Tier t: spec.defaultAction: got \"Allow\", allowed are Deny and Pass; it denies");
  }

  private static Translated tier(Optional<Double> order, Optional<String> action) {
    return Translation.of(new Tier(Metadata.named("t"), new Tier.Spec(order, action)));
  }

  @Test
  void aHandMadeProfileHasRulesAndLabels() {
    dev.manul.model.Profile profile =
        new dev.manul.model.Profile(
            Metadata.named("p"),
            new dev.manul.model.Profile.Spec(
                List.of(PolicyRule.every("Allow")), List.of(), Map.of("a", "b")));
    assertThat(Translation.of(profile).facts())
        .containsExactly(
            new Fact.ProfileIs(
                new Profile("p", List.of(Rule.every(Action.ALLOW)), List.of(), Map.of("a", "b"))));
    assertThat(Translation.gone(profile)).isEqualTo(new Fact.ProfileGone("p"));
  }

  @Test
  void aServiceIsWhatItsSlicesHave() {
    ServiceId id = new ServiceId("prod", "web");
    EndpointSlice four =
        slice("IPv4", List.of("10.0.0.1", "10.0.0.2"), new EndpointSlice.Port("", "TCP", 80));
    EndpointSlice six = slice("IPv6", List.of("fd00::1"), new EndpointSlice.Port("d", "UDP", 53));
    EndpointSlice names = slice("FQDN", List.of("a.b"), new EndpointSlice.Port("", "TCP", 80));
    assertThat(Translation.serviceOf(four)).contains(id);
    assertThat(Translation.service(id, List.of(four, six, names)).facts())
        .containsExactly(
            new Fact.ServiceIs(
                id,
                Set.of(
                    address("10.0.0.1", 6, 80),
                    address("10.0.0.2", 6, 80),
                    address("fd00::1", 17, 53))));
    assertThat(Translation.service(id, List.of()).facts())
        .containsExactly(new Fact.ServiceGone(id));
    assertThat(Translation.service(id, List.of(slice("IPv4", List.of("10.0.0.1")))).facts())
        .containsExactly(new Fact.ServiceIs(id, Set.of(address("10.0.0.1", 6, 0))));
    assertThat(
            Translation.serviceOf(
                new EndpointSlice(Metadata.named("prod", "s"), "IPv4", List.of(), List.of())))
        .isEmpty();
  }

  private static ServiceAddress address(String text, int protocol, int port) {
    return new ServiceAddress(dev.manul.model.Address.parse(text), protocol, port);
  }

  private static EndpointSlice slice(
      String type, List<String> addresses, EndpointSlice.Port... ports) {
    return new EndpointSlice(
        metadata("prod", "web-1", Map.of(EndpointSlice.SERVICE_LABEL, "web"), Map.of()),
        type,
        List.of(EndpointSlice.Endpoint.of(addresses)),
        List.of(ports));
  }

  @Test
  void whatIsNoPolicysBusinessIsRefused() {
    Service service = new Service(Metadata.named("prod", "web"), null, null);
    assertThatThrownBy(() -> Translation.of(service)).hasMessage("Service means nothing by itself");
  }
}
