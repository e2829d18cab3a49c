package dev.manul.e2e.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.IpamException;
import dev.manul.model.Address;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What calicoctl's users know, on both datastores: a directory, and a real API server of
 * Kubernetes. Every test begins with an empty place.
 */
class CalicoctlIT {
  private static final String POOL =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: pods}
      spec: {cidr: 10.50.0.0/24, blockSize: 28, ipipMode: Never}
      """;

  /** Where resources are in a test. */
  enum Store {
    FILES,
    KUBERNETES
  }

  @TempDir static Path directory;
  private static ControlPlane plane;

  @BeforeAll
  static void anApiServer() {
    plane = ControlPlane.start();
    plane.applyCrds();
    for (String namespace : List.of("kube-system", "default")) {
      plane.kubectl("create", "serviceaccount", "default", "--namespace=" + namespace);
    }
  }

  @AfterAll
  static void end() {
    if (plane != null) {
      plane.close();
    }
  }

  private static Place empty(Store store) throws IOException {
    if (store == Store.FILES) {
      return new Place.Files(Files.createTempDirectory(directory, "store"));
    }
    Place cluster = new Place.Cluster(plane);
    cluster.clear();
    return cluster;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = CalicoctlIT.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tablesAndMessagesAreCalicoctls(Store store) throws IOException {
    Place place = empty(store);
    place.node("node-1", "10.0.0.11/24");
    place.node("node-2", "10.0.0.12/24");
    place.pod("kube-system", "coredns-5d78c9869d-abcde", "node-1", "192.168.84.129", "c0");
    SoftAssertions all = new SoftAssertions();
    List<Example> examples = Example.read(resource("reference.txt"));
    assertThat(examples).hasSizeGreaterThan(60);
    for (Example example : examples) {
      Ran ran = place.runWith(example.input(), example.arguments().toArray(new String[0]));
      all.assertThat(ran).as("manulctl %s", example.arguments()).isEqualTo(example.expected());
    }
    all.assertAll();
  }

  @ParameterizedTest
  @EnumSource
  void examplesOfCalicosDocumentationStayAsTheyAre(Store store) throws IOException {
    Place place = empty(store);
    place.node("rack1-host1", "192.168.1.11/24");
    SoftAssertions all = new SoftAssertions();
    for (String document : resource("examples.yaml").split("(?m)^---\n", -1)) {
      String name = document.lines().filter(l -> l.startsWith("kind: ")).findFirst().orElseThrow();
      Ran first = place.runWith(document, "apply", "-f", "-");
      all.assertThat(first.err()).as(name).isEmpty();
      Ran got = place.runWith(document, "get", "-f", "-", "-o", "yaml");
      Ran again = place.runWith(got.out(), "apply", "-f", "-");
      all.assertThat(again.err()).as(name).isEmpty();
      Ran after = place.runWith(document, "get", "-f", "-", "-o", "yaml");
      all.assertThat(unversioned(after.out())).as(name).isEqualTo(unversioned(got.out()));
      if (store == Store.FILES || !name.equals("kind: Node")) { // to which Kubernetes adds its part
        all.assertThat(place.runWith(document, "diff", "-f", "-")).isEqualTo(new Ran(0, "", ""));
      }
    }
    all.assertAll();
  }

  /** A directory gives a version to every write, also to one that changes nothing. */
  private static String unversioned(String yaml) {
    return yaml.replaceAll("(?m)^  resourceVersion: .*\n", "");
  }

  @ParameterizedTest
  @EnumSource
  void whatCheckFindsReleaseRepairs(Store store) throws Exception {
    Place place = empty(store);
    place.node("n1", "10.0.0.1/24");
    place.node("n2", "10.0.0.2/24");
    place.apply(POOL);
    try (Datastore datastore = place.open()) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      Address used = allocate(ipam, "n1", "used", "c1");
      Address leaked = allocate(ipam, "n1", "leaked", "c2");
      place.pod("default", "used", "n1", used.text(), "c1");
      place.pod("default", "unknown", "n1", used.plus(5).text(), "c3");
      assertThat(found(place)).hasSize(2);
      Address twice = allocate(ipam, "n2", "twice", "c4");
      place.pod("default", "twice", "n2", twice.text(), "c4");
      place.pod("default", "thrice", "n2", twice.text(), "c5");
      List<Prefix> free = freeBlocks(datastore);
      spoil(datastore, free.get(0), free.get(1));

      assertThat(found(place))
          .containsExactlyInAnyOrder(
              "ALLOCATED_NOT_IN_USE " + leaked,
              "IN_USE_NOT_ALLOCATED " + used.plus(5),
              "DUPLICATE_USE " + twice,
              "BLOCK_AFFINITY_MISMATCH " + free.get(0),
              "BLOCK_AFFINITY_MISMATCH " + free.get(1),
              "HANDLE_WITHOUT_ADDRESSES lost");

      String first = report(place, "first");
      assertThat(place.run("ipam", "release", "--from-report=" + first).err())
          .isEqualTo(
              "the datastore is not locked; lock it with manulctl datastore migrate lock and make a"
                  + " new report, or use --force\n");
      assertThat(place.run("datastore", "migrate", "lock").out()).isEqualTo("Datastore locked.\n");
      assertThat(place.run("ipam", "release", "--from-report=" + first).err())
          .containsAnyOf("no report is as new as the lock", "is a report of the cluster");
      String second = report(place, "second");
      Ran repaired = place.run("ipam", "release", "--from-report=" + second);

      assertThat(repaired.out())
          .contains("Released IP address " + leaked + "\n")
          .contains("Allocated IP address " + used.plus(5) + "\n")
          .endsWith("You may now unlock the data store.\n");
      String kept = "endpoint default/n2-k8s-twice-eth0";
      String other = "endpoint default/n2-k8s-thrice-eth0";
      assertThat(repaired.err().lines())
          .as("who has two pods' address is told, and that the other has to go")
          .containsExactly(
              "still wrong: " + twice + " is used by " + kept + " and by " + other,
              twice
                  + " is that of "
                  + kept
                  + "; "
                  + other
                  + " has to be made anew: delete it, or use --delete-duplicates");
      assertThat(ipam.lookup(leaked)).isEmpty();
      assertThat(ipam.lookup(used.plus(5)).orElseThrow().handleId()).contains("k8s-pod-network.c3");
      assertThat(found(place)).containsExactly("DUPLICATE_USE " + twice);

      try (AutoCloseable _ = place.endingOfPods()) {
        Ran last =
            place.run(
                "ipam",
                "release",
                "--from-report=" + report(place, "third"),
                "--delete-duplicates");
        assertThat(last.out())
            .startsWith("Deleted " + other + ", as " + twice + " is that of " + kept + "\n");
        assertThat(last.err()).doesNotContain("still wrong");
        assertThat(last.code()).isZero();
      }
      assertThat(found(place)).isEmpty();
      assertThat(ipam.lookup(twice).orElseThrow().handleId()).contains("k8s-pod-network.c4");
      assertThat(place.run("datastore", "migrate", "unlock").code()).isZero();
    }
  }

  /** The problems' categories and what they are about. */
  private static List<String> found(Place place) {
    List<String> found = new ArrayList<>();
    String category = "";
    for (String line : place.run("ipam", "check", "-o", "json").out().lines().toList()) {
      String value = line.replaceAll(".*: \"|\",?$", "");
      if (line.contains("\"category\": ")) {
        category = value;
      } else if (line.contains("\"subject\": ")) {
        found.add(category + " " + value);
      }
    }
    return found;
  }

  private static String report(Place place, String name) throws IOException {
    Path file = Files.createTempFile(directory, name, ".json");
    Ran ran = place.run("ipam", "check", "-o", file.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).startsWith("Checking IPAM for inconsistencies...\n");
    return file.toString();
  }

  /** The pool's blocks that nobody has. */
  private static List<Prefix> freeBlocks(Datastore datastore) {
    List<IPAMBlock> taken = datastore.list(IPAMBlock.KIND, Selection.ALL).items();
    List<Prefix> free = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Prefix block = Prefix.parse("10.50.0." + 16 * i + "/28");
      if (taken.stream().noneMatch(one -> one.spec().cidr().equals(block))) {
        free.add(block);
      }
    }
    return free;
  }

  /** A claim without a block, a block without a claim, and a handle that counts too much. */
  private static void spoil(Datastore datastore, Prefix claimed, Prefix owned) {
    write(
        datastore,
        new BlockAffinity(
            Metadata.named("n2-" + IPAMBlock.nameOf(claimed)),
            new BlockAffinity.Spec(BlockAffinity.State.CONFIRMED, "n2", null, claimed, false)));
    write(
        datastore,
        new IPAMBlock(
            Metadata.named(IPAMBlock.nameOf(owned)),
            IPAMBlock.Spec.empty(owned, Optional.of("host:n1"), "", 1)));
    write(
        datastore,
        new IPAMHandle(
            Metadata.named("lost"),
            new IPAMHandle.Spec("lost", Map.of(owned.toString(), 3), false)));
  }

  private static <R extends Resource> void write(Datastore datastore, R resource) {
    var _ = datastore.create(resource);
  }

  private static Address allocate(Ipam ipam, String node, String pod, String container) {
    return ipam.autoAssign(
            AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
                .withCounts(1, 0)
                .withHandle("k8s-pod-network." + container)
                .withAttributes(Map.of("namespace", "default", "pod", pod, "node", node)))
        .addresses()
        .getFirst();
  }

  @ParameterizedTest
  @EnumSource
  void aLockKeepsAddressesWhereTheyAre(Store store) throws IOException {
    Place place = empty(store);
    place.node("n1", "10.0.0.1/24");
    place.apply(POOL);
    try (Datastore datastore = place.open()) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      Address kept = allocate(ipam, "n1", "kept", "c1");
      assertThat(place.run("datastore", "migrate", "lock").code()).isZero();

      assertThat(refusal(() -> allocate(ipam, "n1", "new", "c2")))
          .isEqualTo(IpamException.Reason.LOCKED);
      assertThat(
              refusal(
                  () ->
                      ipam.assignAddress(
                          new AssignAddressRequest(
                              kept.plus(1),
                              "n1",
                              IntendedUse.WORKLOAD,
                              Optional.empty(),
                              Map.of()))))
          .isEqualTo(IpamException.Reason.LOCKED);
      assertThat(refusal(() -> ipam.releaseByHandle("k8s-pod-network.c1", "n1")))
          .isEqualTo(IpamException.Reason.LOCKED);
      assertThat(ipam.lookup(kept)).isPresent();

      assertThat(place.run("datastore", "migrate", "unlock").code()).isZero();
      assertThat(ipam.releaseByHandle("k8s-pod-network.c1", "n1").released()).containsExactly(kept);
    }
  }

  private static IpamException.Reason refusal(Runnable request) {
    try {
      request.run();
    } catch (IpamException e) {
      return e.reason();
    }
    throw new AssertionError("it was not refused");
  }

  @ParameterizedTest
  @EnumSource
  void aSplitPoolKeepsItsBlocks(Store store) throws IOException {
    Place place = empty(store);
    place.node("n1", "10.0.0.1/24");
    place.apply(POOL);
    try (Datastore datastore = place.open()) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      Address kept = allocate(ipam, "n1", "kept", "c1");
      assertThat(place.run("datastore", "migrate", "lock").code()).isZero();
      assertThat(place.run("ipam", "split", "4", "--name=pods", "--dry-run").out())
          .startsWith("Successfully split IPPool(pods) into 4 pools (dry run)\n");
      assertThat(place.run("ipam", "split", "4", "--name=pods").code()).isZero();
      List<IPPool> pools = datastore.list(IPPool.KIND, Selection.ALL).items();
      assertThat(pools)
          .extracting(pool -> pool.spec().cidr().toString())
          .containsExactlyInAnyOrder(
              "10.50.0.0/26", "10.50.0.64/26", "10.50.0.128/26", "10.50.0.192/26");
      assertThat(pools).allMatch(pool -> !pool.spec().disabled());
      assertThat(pools).allMatch(pool -> pool.metadata().annotations().isEmpty());
      assertThat(place.run("datastore", "migrate", "unlock").code()).isZero();
      assertThat(ipam.lookup(kept)).isPresent();
      assertThat(allocate(ipam, "n1", "next", "c2"))
          .as("the node goes on in its block")
          .isEqualTo(kept.plus(1));
    }
  }

  @Test
  void fromFilesIntoAClusterAndBackIsTheSame() throws IOException {
    Place from = empty(Store.FILES);
    Place cluster = empty(Store.KUBERNETES);
    from.node("rack1-host1", "192.168.1.11/24");
    from.node("n1", "10.0.0.1/24");
    for (String document : resource("examples.yaml").split("(?m)^---\n", -1)) {
      from.apply(document);
    }
    from.apply(POOL);
    try (Datastore datastore = from.open()) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      Address address = allocate(ipam, "n1", "web", "c1");
      from.pod("default", "web", "n1", address.text(), "c1");
      cluster.pod("default", "web", "n1", address.text(), "c1");
    }
    // Kubernetes has its nodes and pods before any network.
    cluster.node("rack1-host1", "192.168.1.11/24");
    cluster.node("n1", "10.0.0.1/24");
    assertThat(from.run("datastore", "migrate", "lock").code()).isZero();
    Ran exported = from.run("datastore", "migrate", "export");
    assertThat(exported.err()).isEmpty();

    Ran imported = cluster.runWith(exported.out(), "datastore", "migrate", "import", "-f", "-");
    assertThat(imported.code()).as(imported.err()).isZero();
    assertThat(cluster.run("get", "clusterinfo", "-o", "jsonpath={.items[0].spec}").out())
        .as("the lock has come along")
        .contains("\"datastoreReady\":false");
    Ran back = cluster.run("datastore", "migrate", "export");
    Place to = empty(Store.FILES);
    Ran last = to.runWith(back.out(), "datastore", "migrate", "import", "-f", "-");
    assertThat(last.err()).isEmpty();

    assertThat(contents(to)).isEqualTo(contents(from));
    assertThat(contents(cluster).keySet()).isEqualTo(contents(from).keySet());
  }

  /** All resources, without what a datastore gives them, and those of pods without their labels. */
  private static Map<String, Object> contents(Place place) {
    Map<String, Object> contents = new TreeMap<>();
    try (Datastore datastore = place.open()) {
      for (Kind<? extends Resource> kind : Kinds.OWN) {
        for (Resource resource : datastore.list(kind, Selection.ALL).items()) {
          contents.put(kind + " " + resource.key(), plain(resource));
        }
      }
    }
    return contents;
  }

  private static Object plain(Resource resource) {
    Key key = resource.key();
    Metadata metadata = Metadata.named(key.namespace(), key.name());
    return switch (resource) {
      // Kubernetes adds what its own objects have: labels of pods, addresses of nodes
      case WorkloadEndpoint endpoint -> endpoint.spec().ipNetworks();
      case Node node -> node.spec().bgp();
      default -> resource.withMetadata(metadata.withLabels(resource.metadata().labels()));
    };
  }

  /** One of {@code reference.txt}. */
  record Example(List<String> arguments, String input, Ran expected) {

    static List<Example> read(String text) {
      List<Example> examples = new ArrayList<>();
      for (String block : text.split("(?m)^\\$ ", -1)) {
        List<String> lines = block.lines().toList();
        if (!block.isEmpty() && !block.startsWith("#")) {
          String code = joined(lines, "?").strip();
          examples.add(
              new Example(
                  List.of(lines.getFirst().split(" ", -1)),
                  joined(lines, "<"),
                  new Ran(
                      code.isEmpty() ? 0 : Integer.parseInt(code),
                      joined(lines, ">"),
                      joined(lines, "!"))));
        }
      }
      return examples;
    }

    private static String joined(List<String> lines, String mark) {
      StringBuilder text = new StringBuilder();
      lines.stream()
          .skip(1)
          .filter(line -> line.startsWith(mark))
          .forEach(line -> text.append(line.substring(1).replaceFirst("^ ", "")).append('\n'));
      return text.toString();
    }
  }
}
