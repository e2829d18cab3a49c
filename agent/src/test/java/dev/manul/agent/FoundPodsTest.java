package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.Route;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.translation.Translated;
import dev.manul.routes.Underlay;
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

  private final FoundPods<String> found = new FoundPods<>();

  private static Link link(int index, String name, String kind) {
    return new Link(
        index, name, kind, 1500, true, true, false, Optional.empty(), 0, 0, Optional.empty());
  }

  private static PodDevices devices(Route... routes) {
    return new PodDevices(Underlay.of(LINKS, List.of(), List.of(routes)), List.of("veth"));
  }

  private Translated pod(String said) {
    return found.translated(
        "a",
        "shop/a",
        said,
        Set.of(),
        local ->
            new Translated(
                List.of(
                    new Fact.EndpointIs(
                        new Endpoint(
                            new EndpointId.Workload("shop", "a"),
                            Map.of(),
                            List.of(),
                            Set.of(POD),
                            List.of(),
                            local))),
                List.of()));
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
            "Pod shop/a: no interface found; wanted a route to its address alone, by an interface"
                + " that begins with veth");

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

  @Test
  void aPodBehindABridgeIsTold() {
    var _ = found.look(devices(Route.onLink(Prefix.parse("10.31.0.0/24"), 4)));
    assertThat(device(pod(""))).isEmpty();
    assertThat(found.problems())
        .singleElement()
        .asString()
        .startsWith("Pod shop/a: policy is not enforced, as it is behind the bridge cni0; ");
    found.gone("a");
    assertThat(found.problems()).isEmpty();
  }
}
