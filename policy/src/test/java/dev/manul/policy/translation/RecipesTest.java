package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Document;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.EndpointSlice;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.Pod;
import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.model.ServiceAccount;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.oracle.Decision;
import dev.manul.policy.oracle.Oracle;
import dev.manul.policy.oracle.Packet;
import dev.manul.policy.oracle.World;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents as people write them, after the examples of Kubernetes' and Calico's documentation, and
 * who may talk to whom then, as the oracle sees it. Every probe is made over IPv4 and IPv6.
 *
 * <p>A file has cases, each with a title after {@code ###}, documents, and after {@code probes:}
 * lines {@code FROM TO PROTOCOL/PORT yes|no}. The pods and namespaces are those of {@link
 * #facts()}; {@code out-1} and {@code out-2} are addresses outside.
 */
final class RecipesTest {

  private static final Map<String, Integer> PROTOCOLS =
      Map.of("tcp", 6, "udp", 17, "sctp", 132, "icmp", 1, "gre", 47);

  private static final Map<String, String[]> OUTSIDE =
      Map.of(
          "out-1", new String[] {"198.51.100.7", "2001:db8:1::7"},
          "out-2", new String[] {"203.0.113.9", "2001:db8:2::9"},
          "host", new String[] {"10.0.0.1", "fd00::1"});

  record Recipe(String title, String documents, List<String> probes) {
    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Recipe> recipes() throws IOException {
    List<Recipe> recipes = new ArrayList<>();
    for (String file : List.of("kubernetes", "calico", "cluster")) {
      for (String text : text(file).split("(?m)^### ", -1)) {
        if (!text.isBlank()) {
          int end = text.indexOf('\n');
          String[] parts = text.substring(end + 1).split("(?m)^probes:\n", 2);
          recipes.add(
              new Recipe(
                  file + ": " + text.substring(0, end),
                  parts[0],
                  parts[1].lines().filter(line -> !line.isBlank()).toList()));
        }
      }
    }
    return recipes.stream();
  }

  private static String text(String file) throws IOException {
    try (InputStream in = RecipesTest.class.getResourceAsStream("/recipes/" + file + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void recipe(Recipe recipe) {
    World world = World.of(facts());
    for (Document document : ResourceText.parse(recipe.documents(), "recipe")) {
      Resource resource = document.resource();
      assertThat(ResourceRules.validate(resource)).as("%s", resource.key()).isEmpty();
      Translated translated = Translation.of(resource);
      assertThat(translated.problems()).isEmpty();
      translated.facts().forEach(world::apply);
    }
    assertThat(recipe.probes()).hasSizeGreaterThan(1);
    Oracle oracle = new Oracle(world);
    for (String probe : recipe.probes()) {
      String[] words = probe.strip().split(" +", -1);
      for (int family = 0; family < 2; family++) {
        Optional<Packet> packet = packet(world, words, family);
        if (packet.isPresent()) {
          Decision decision = oracle.path(packet.get(), Set.of());
          assertThat(decision.allowed() ? "yes" : "no")
              .as("%s: %s, by %s", probe, packet.get(), decision.by())
              .isEqualTo(words[3]);
        }
      }
    }
  }

  /** Empty for what there is not in a family. */
  private static Optional<Packet> packet(World world, String[] words, int family) {
    String[] what = words[2].split("/", 2);
    int protocol = PROTOCOLS.get(what[0]);
    boolean icmp = what[0].equals("icmp");
    if (words.length > 4 && !words[4].equals(family == 0 ? "v4" : "v6")) {
      return Optional.empty();
    }
    return Optional.of(
        new Packet(
            address(world, words[0], family),
            address(world, words[1], family),
            icmp && family == 1 ? Packet.ICMPV6 : protocol,
            Packet.hasPorts(protocol) ? 40_000 : 0,
            Packet.hasPorts(protocol) ? Integer.parseInt(what[1]) : 0,
            icmp ? Integer.parseInt(what[1]) : 0,
            0));
  }

  private static Address address(World world, String name, int family) {
    if (OUTSIDE.containsKey(name)) {
      return Address.parse(OUTSIDE.get(name)[family]);
    }
    String[] parts = name.split("/", 2);
    Endpoint endpoint =
        world.locals().stream()
            .filter(each -> parts[0].equals(each.labels().get(Scopes.NAMESPACE)))
            .filter(each -> parts[1].equals(each.labels().get("name")))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no pod " + name));
    return endpoint.addresses().stream()
        .map(prefix -> prefix.address())
        .filter(address -> (address.family().bits() == 32) == (family == 0))
        .findFirst()
        .orElseThrow();
  }

  /** Three namespaces, and pods in them. */
  private static List<Fact> facts() {
    List<Fact> facts = new ArrayList<>(Translation.builtIn());
    List.of(
            namespace("shop", Map.of("purpose", "production", "team", "shop")),
            namespace("ops", Map.of("team", "operations")),
            namespace("test", Map.of("purpose", "testing")),
            account("shop", "bot", Map.of("trusted", "yes")),
            account("ops", "probe", Map.of()))
        .forEach(translated -> facts.addAll(translated.facts()));
    List.of(
            pod("shop", "web", 11, Map.of("app", "web"), "default"),
            pod("shop", "api", 12, Map.of("app", "api", "role", "frontend"), "bot"),
            pod("shop", "db", 13, Map.of("app", "db", "role", "db"), "default"),
            pod("ops", "mon", 21, Map.of("type", "monitoring"), "probe"),
            pod("ops", "dns", 22, Map.of("k8s-app", "kube-dns"), "default"),
            pod("test", "web", 31, Map.of("app", "web"), "default"),
            pod("test", "mon", 32, Map.of("type", "monitoring"), "default"))
        .forEach(translated -> facts.addAll(translated.facts()));
    EndpointSlice slice =
        new EndpointSlice(
            new Metadata(
                "db-1", "shop", Map.of(EndpointSlice.SERVICE_LABEL, "db"), Map.of(), "", "", ""),
            "IPv4",
            List.of(new EndpointSlice.Endpoint(List.of("10.65.0.13", "fd65::13"))),
            List.of(new EndpointSlice.Port("sql", "TCP", 5432)));
    facts.addAll(Translation.service(new ServiceId("shop", "db"), List.of(slice)).facts());
    return facts;
  }

  private static Translated namespace(String name, Map<String, String> labels) {
    return Translation.of(new Namespace(Metadata.named(name).withLabels(labels)));
  }

  private static Translated account(String namespace, String name, Map<String, String> labels) {
    return Translation.of(new ServiceAccount(Metadata.named(namespace, name).withLabels(labels)));
  }

  private static Translated pod(
      String namespace, String name, int number, Map<String, String> labels, String account) {
    Map<String, String> all = new HashMap<>(labels);
    all.put("name", name);
    List<WorkloadEndpoint.Port> ports =
        List.of(
            new WorkloadEndpoint.Port("http", "TCP", 80, 0, ""),
            new WorkloadEndpoint.Port("dns", "UDP", 53, 0, ""));
    Pod pod =
        new Pod(
            Metadata.named(namespace, name).withLabels(all),
            new Pod.Spec("n1", account, false, ports),
            new Pod.Status("Running", "", List.of("10.65.0." + number, "fd65::" + number)));
    return Translation.pod(pod, Optional.of(new Endpoint.Local("cali" + number, Set.of())));
  }
}
