package dev.manul.policy.translation;

import dev.manul.datastore.Document;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EndpointSlice;
import dev.manul.model.HostEndpoint;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.ServiceAccount;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.oracle.Packet;
import dev.manul.policy.oracle.World;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Documents as people write them, after the examples of Kubernetes' and Calico's documentation, and
 * who may talk to whom then.
 *
 * <p>A file has recipes, each with a title after {@code ###}, documents, and after {@code probes:}
 * lines {@code FROM TO PROTOCOL/PORT yes|no [v4|v6]}. Before a port there may be the sender's, as
 * in {@code udp/68:67}; of ICMP it is type and code, and type 8 asks for an echo in both families.
 * The pods and namespaces are those of {@link #world()}; {@code out-1} and {@code out-2} are
 * addresses outside, {@code host} is the node.
 */
public final class Recipes {

  /** The files that are about pods alone. */
  static final List<String> OF_PODS = List.of("kubernetes", "calico", "cluster", "fields");

  private static final String OF_HOSTS = "hosts";

  private static final Map<String, Integer> PROTOCOLS =
      Map.of("tcp", 6, "udp", 17, "sctp", 132, "icmp", 1, "gre", 47);

  private static final Map<String, String[]> OUTSIDE =
      Map.of(
          "out-1", new String[] {"198.51.100.7", "2001:db8:1::7"},
          "out-2", new String[] {"203.0.113.9", "2001:db8:2::9"},
          "host", new String[] {"192.0.2.1", "2001:db8::1"});

  private static final int FIRST_SOURCE_PORT = 40_000;
  private static final int ECHO = 8;
  private static final int ECHO_OF_IPV6 = 128;

  private Recipes() {}

  /**
   * One of them.
   *
   * @param probes the lines, each of which is a case
   */
  public record Recipe(String title, String documents, List<String> probes) {

    public List<Resource> resources() {
      return ResourceText.parse(documents, "recipe").stream().map(Document::resource).toList();
    }

    /** What its documents mean. */
    public List<Translated> translated() {
      return resources().stream().map(Recipes::translated).toList();
    }

    /** What is so in the world and by its documents. */
    public List<Fact> facts() {
      List<Fact> facts = new ArrayList<>(world());
      translated().forEach(each -> facts.addAll(each.facts()));
      return facts;
    }

    /** The packets of the lines, of each family that a line is about. */
    public List<Expectation> expectations() {
      World world = World.of(facts());
      List<Expectation> all = new ArrayList<>();
      for (String line : probes) {
        String[] words = line.strip().split(" +", -1);
        for (AddressFamily family : AddressFamily.values()) {
          boolean four = family == AddressFamily.IPV4;
          if (words.length == 4 || words[4].equals(four ? "v4" : "v6")) {
            Packet packet = packet(world, words, four, FIRST_SOURCE_PORT + all.size());
            all.add(new Expectation(line.strip(), packet, words[3].equals("yes")));
          }
        }
      }
      return all;
    }

    @Override
    public String toString() {
      return title;
    }
  }

  /** What ought to become of a packet. */
  public record Expectation(String line, Packet packet, boolean passes) {}

  /** All recipes, those with host endpoints too. */
  public static List<Recipe> all() {
    List<Recipe> recipes = new ArrayList<>(read(OF_PODS));
    recipes.addAll(read(List.of(OF_HOSTS)));
    return recipes;
  }

  /** The recipes of some files. */
  static List<Recipe> read(List<String> files) {
    List<Recipe> recipes = new ArrayList<>();
    for (String file : files) {
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
    return recipes;
  }

  private static String text(String file) {
    try (InputStream in = Recipes.class.getResourceAsStream("/recipes/" + file + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Translated translated(Resource resource) {
    return switch (resource) {
      case HostEndpoint host ->
          Translation.host(host, local(host.spec().interfaceName(), Set.of()));
      case WorkloadEndpoint workload ->
          Translation.workload(
              workload,
              local(
                  workload.spec().interfaceName(),
                  Set.copyOf(workload.spec().allowSpoofedSourcePrefixes())));
      default -> Translation.of(resource);
    };
  }

  private static Optional<Endpoint.Local> local(String device, Set<Prefix> spoofable) {
    return Optional.of(new Endpoint.Local(device, spoofable));
  }

  private static Packet packet(World world, String[] words, boolean four, int sourcePort) {
    String[] what = words[2].split("/", 2);
    String[] numbers = what[1].split(":", 2);
    int first = Integer.parseInt(numbers[0]);
    int last = Integer.parseInt(numbers[numbers.length - 1]);
    int protocol = PROTOCOLS.get(what[0]);
    boolean icmp = protocol == Packet.ICMP;
    boolean ports = Packet.hasPorts(protocol);
    return new Packet(
        address(world, words[0], four),
        address(world, words[1], four),
        icmp && !four ? Packet.ICMPV6 : protocol,
        ports ? (numbers.length > 1 ? first : sourcePort) : 0,
        ports ? last : 0,
        icmp ? (first == ECHO && !four ? ECHO_OF_IPV6 : first) : 0,
        icmp && numbers.length > 1 ? last : 0);
  }

  private static Address address(World world, String name, boolean four) {
    if (OUTSIDE.containsKey(name)) {
      return Address.parse(OUTSIDE.get(name)[four ? 0 : 1]);
    }
    String[] parts = name.split("/", 2);
    Endpoint endpoint =
        world.locals().stream()
            .filter(each -> parts[0].equals(each.labels().get(Scopes.NAMESPACE)))
            .filter(each -> parts[1].equals(each.labels().get("name")))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no pod " + name));
    return endpoint.addresses().stream()
        .map(Prefix::address)
        .filter(address -> (address.family() == AddressFamily.IPV4) == four)
        .findFirst()
        .orElseThrow();
  }

  /** Three namespaces, and pods in them. */
  public static List<Fact> world() {
    List<Fact> facts = new ArrayList<>(Translation.builtIn());
    List.of(
            namespace("shop", Map.of("purpose", "production", "team", "shop")),
            namespace("ops", Map.of("team", "operations")),
            namespace("test", Map.of("purpose", "testing")),
            account("shop", "bot", Map.of("trusted", "yes")),
            account("ops", "probe", Map.of()))
        .forEach(translated -> facts.addAll(translated.facts()));
    List.of(
            pod("shop", "web", 1, Map.of("app", "web"), "default"),
            pod("shop", "api", 2, Map.of("app", "api", "role", "frontend"), "bot"),
            pod("shop", "db", 3, Map.of("app", "db", "role", "db"), "default"),
            pod("ops", "mon", 4, Map.of("type", "monitoring"), "probe"),
            pod("ops", "dns", 5, Map.of("k8s-app", "kube-dns"), "default"),
            pod("test", "web", 6, Map.of("app", "web"), "default"),
            pod("test", "mon", 7, Map.of("type", "monitoring"), "default"))
        .forEach(translated -> facts.addAll(translated.facts()));
    EndpointSlice slice =
        new EndpointSlice(
            new Metadata(
                "db-1", "shop", Map.of(EndpointSlice.SERVICE_LABEL, "db"), Map.of(), "", "", ""),
            "IPv4",
            List.of(EndpointSlice.Endpoint.of(List.of("10.65.0.3", "fd00:65::3"))),
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
            new Pod.Status("Running", "", List.of("10.65.0." + number, "fd00:65::" + number)));
    return Translation.pod(pod, Optional.of(new Endpoint.Local("cali" + number, Set.of())));
  }
}
