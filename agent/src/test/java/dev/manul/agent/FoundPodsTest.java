package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.Link;
import dev.manul.netlink.Route;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.translation.Translated;
import dev.manul.routes.Underlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FoundPodsTest {
  private static final Prefix POD = Prefix.parse("10.31.0.2/32");
  private static final List<Link> LINKS =
      List.of(
          link(1, "eth0", ""),
          link(2, "veth5a11", "veth"),
          link(3, "vethb0b0", "veth"),
          link(4, "cni0", "bridge"));

  private final List<String> filter = new ArrayList<>();
  private final FoundPods<String> found = new FoundPods<>(true, () -> filter.stream().findFirst());

  private static Link link(int index, String name, String kind) {
    return new Link(
        index, name, kind, 1500, true, true, false, Optional.empty(), 0, 0, Optional.empty());
  }

  private static PodDevices devices(Route... routes) {
    return new PodDevices(Underlay.of(LINKS, List.of(), List.of(routes)), List.of("veth"));
  }

  private Translated pod(String said) {
    return found.translated("a", "shop/a", said, Set.of(), FoundPodsTest::endpoint);
  }

  private static Translated endpoint(Optional<Endpoint.Local> local) {
    return new Translated(
        List.of(
            new Fact.EndpointIs(
                new Endpoint(
                    new EndpointId.Workload("shop", "a"),
                    Map.of(),
                    List.of(),
                    Set.of(POD),
                    List.of(),
                    local))),
        List.of());
  }

  private static Optional<String> device(Translated translated) {
    return ((Fact.EndpointIs) translated.facts().getFirst())
        .endpoint()
        .local()
        .map(Endpoint.Local::device);
  }

  @Test
  void theRouteToAPodTellsItsInterface() {
    assertThat(device(pod("cali1"))).isEmpty();
    assertThat(found.look(devices())).isEmpty();
    assertThat(found.problems())
        .containsExactly(
            "Pod shop/a: no interface found; wanted a bridge, or a route to its address alone, by"
                + " an interface that begins with veth");

    assertThat(device(found.look(devices(Route.onLink(POD, 2))).get("a"))).contains("veth5a11");
    assertThat(found.problems()).isEmpty();
    assertThat(found.look(devices(Route.onLink(POD, 2)))).isEmpty();
    assertThat(device(found.look(devices(Route.onLink(POD, 3))).get("a"))).contains("vethb0b0");
  }

  @Test
  void aRouteByAnotherInterfaceOrToManyIsNoPods() {
    var _ =
        found.look(devices(Route.onLink(POD, 1), Route.onLink(Prefix.parse("10.31.0.0/24"), 2)));
    assertThat(device(pod(""))).isEmpty();
  }

  @Test
  void theInterfaceThatIsToldCountsWhenItIsThere() {
    var _ = found.look(devices());
    assertThat(device(pod("veth5a11"))).contains("veth5a11");
    assertThat(device(pod("veth9"))).isEmpty();
    assertThat(device(pod("eth0"))).isEmpty();
  }

  private static Optional<Endpoint.Bridge> bridge(Translated translated) {
    return ((Fact.EndpointIs) translated.facts().getFirst())
        .endpoint()
        .local()
        .flatMap(Endpoint.Local::bridge);
  }

  @Test
  void aPodBehindABridgeIsKnownByIt() {
    var _ = found.look(devices(Route.onLink(Prefix.parse("10.31.0.0/24"), 4)));
    Translated pod = pod("");
    assertThat(bridge(pod)).contains(new Endpoint.Bridge("cni0", false));
    assertThat(device(pod)).contains(WorkloadEndpoint.deviceOf("shop", "a"));
    assertThat(found.problems()).isEmpty();

    assertThat(bridge(found.look(devices(Route.onLink(POD, 2))).get("a"))).isEmpty();
  }

  @Test
  void aBridgeThatThePacketFilterDoesNotSeeIsTold() {
    filter.add("why");
    var _ = found.look(devices());
    var _ = pod("");
    assertThat(found.problems()).singleElement().asString().startsWith("Pod shop/a: no interface");
    var _ = found.look(devices(Route.onLink(Prefix.parse("10.31.0.0/24"), 4)));
    assertThat(found.problems())
        .containsExactly("Bridge cni0: policy is not enforced between the pods on it; why");
    found.gone("a");
    assertThat(found.problems()).isEmpty();
  }

  @Test
  void aPodOfOursIsBehindTheInterfaceThatIsSaid() {
    var ours = new FoundPods<String>(false, Optional::empty);
    Translated before = ours.translated("a", "shop/a", "veth9", Set.of(), FoundPodsTest::endpoint);
    assertThat(device(before)).contains("veth9");
    assertThat(ours.look(devices())).isEmpty();
    Link port =
        new Link(
            9, "veth9", "veth", 1500, true, true, false, Optional.empty(), 4, 0, Optional.empty());
    List<Link> links = new ArrayList<>(LINKS);
    links.add(port);
    var joined = new PodDevices(Underlay.of(links, List.of(), List.of()), List.of("veth"));
    assertThat(bridge(ours.look(joined).get("a"))).contains(new Endpoint.Bridge("cni0", true));
  }
}
