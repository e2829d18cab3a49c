package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.Change.AddAddress;
import dev.manul.netlink.Change.AddRoute;
import dev.manul.netlink.Change.AddRule;
import dev.manul.netlink.Change.CreateLink;
import dev.manul.netlink.Change.DeleteLink;
import dev.manul.netlink.Change.DeleteRoute;
import dev.manul.netlink.Change.ReplaceNeighbour;
import dev.manul.netlink.Change.ReplaceRoute;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The monitor hears what happens, and says when it has missed something. */
final class NetlinkMonitorIT {

  private static final Set<Group> ALL = EnumSet.allOf(Group.class);

  private final TestNamespaces namespaces = new TestNamespaces();
  private NetworkNamespace here;
  private RouteSocket socket;

  /** Keeps what it is told. */
  private static class Recorder implements NetlinkMonitor.Listener {
    final List<Event> events = new CopyOnWriteArrayList<>();
    final AtomicInteger lost = new AtomicInteger();
    final List<NetlinkException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void changed(List<Event> batch) {
      events.addAll(batch);
    }

    @Override
    public void overrun() {
      lost.incrementAndGet();
    }

    @Override
    public void failed(NetlinkException cause) {
      failures.add(cause);
    }
  }

  @BeforeEach
  void open() {
    here = namespaces.fresh();
    socket = RouteSocket.open(here);
  }

  @AfterEach
  void close() {
    socket.close();
    namespaces.close();
  }

  private static Route route(int index) {
    return Route.blackhole(new Ipv4Address(0x0b00_0000 + index).toPrefix()).withProtocol(77);
  }

  @Test
  void everyKindOfChangeIsHeard() {
    Recorder heard = new Recorder();
    Route four = route(1);
    Route fourAgain = Route.unreachable(four.destination()).withProtocol(77);
    Route six = Route.blackhole(Prefix.parse("fd00::/64")).withProtocol(77);
    LinkAddress address = LinkAddress.of(1, InterfaceAddress.parse("10.7.7.7/32"));
    Rule rule = Rule.lookup(AddressFamily.IPV6, 99, 100);
    try (NetlinkMonitor _ = NetlinkMonitor.open(here, ALL, heard)) {
      ok(
          socket.apply(
              List.of(
                  new CreateLink(LinkSpec.of("v0", LinkType.Veth.of("v1"))),
                  new AddAddress(address),
                  new AddRoute(four),
                  new ReplaceRoute(fourAgain),
                  new AddRoute(six),
                  new AddRule(rule))));
      int veth = socket.link("v0").orElseThrow().index();
      Neighbour neighbour =
          Neighbour.permanent(veth, Address.parse("10.1.5.9"), "02:00:00:00:00:09");
      ok(
          socket.apply(
              List.of(
                  new ReplaceNeighbour(neighbour), new DeleteRoute(six), new DeleteLink(veth))));
      await()
          .untilAsserted(
              () ->
                  assertThat(heard.events)
                      .contains(
                          new Event.RouteAdded(four, false),
                          new Event.RouteAdded(fourAgain, true),
                          new Event.RouteAdded(six, false),
                          new Event.RouteRemoved(six),
                          new Event.RuleAdded(rule),
                          new Event.NeighbourChanged(neighbour))
                      .anyMatch(
                          e -> e instanceof Event.LinkChanged(Link l) && l.name().equals("v0"))
                      .anyMatch(
                          e -> e instanceof Event.LinkRemoved(Link l) && l.name().equals("v0"))
                      .anyMatch(
                          e ->
                              e instanceof Event.AddressAdded(LinkAddress a)
                                  && a.withFlags(0).equals(address)));
    }
    assertThat(heard.lost).hasValue(0);
    assertThat(heard.failures).isEmpty();
  }

  @Test
  void leavingABridgeIsNotTheEndOfALink() {
    ok(
        socket.apply(
            List.of(
                new CreateLink(LinkSpec.of("br0", new LinkType.Bridge())),
                new CreateLink(LinkSpec.of("v0", LinkType.Veth.of("v1"))))));
    int bridge = socket.link("br0").orElseThrow().index();
    int veth = socket.link("v0").orElseThrow().index();
    Recorder heard = new Recorder();
    try (NetlinkMonitor _ = NetlinkMonitor.open(here, Set.of(Group.LINK), heard)) {
      ok(
          socket.apply(
              List.of(
                  new Change.SetLink(veth, LinkUpdate.NOTHING.withMaster(bridge)),
                  new Change.SetLink(veth, LinkUpdate.NOTHING.withMaster(0)),
                  new DeleteLink(bridge))));
      await()
          .until(
              () ->
                  heard.events.stream()
                      .anyMatch(
                          e -> e instanceof Event.LinkRemoved(Link l) && l.index() == bridge));
      assertThat(heard.events)
          .noneMatch(e -> e instanceof Event.LinkRemoved(Link l) && l.index() == veth);
    }
  }

  @Test
  void ignoredPortsAreNotHeard() {
    Recorder heard = new Recorder();
    int own = socket.port();
    NetlinkMonitor.Options options =
        NetlinkMonitor.Options.of(ALL).withIgnoredPort(port -> port == own);
    try (RouteSocket other = RouteSocket.open(here);
        NetlinkMonitor _ = NetlinkMonitor.open(here, options, heard)) {
      ok(socket.apply(List.of(new AddRoute(route(1)))));
      ok(other.apply(List.of(new AddRoute(route(2)))));
      await().until(() -> heard.events.contains(new Event.RouteAdded(route(2), false)));
    }
    assertThat(heard.events).doesNotContain(new Event.RouteAdded(route(1), false));
  }

  @Test
  void otherNamespacesAreNotHeard() {
    NetworkNamespace there = namespaces.fresh();
    Recorder heard = new Recorder();
    try (RouteSocket other = RouteSocket.open(there);
        NetlinkMonitor _ = NetlinkMonitor.open(here, ALL, heard)) {
      ok(other.apply(List.of(new AddRoute(route(1)))));
      ok(socket.apply(List.of(new AddRoute(route(2)))));
      await().until(() -> heard.events.contains(new Event.RouteAdded(route(2), false)));
    }
    assertThat(heard.events).doesNotContain(new Event.RouteAdded(route(1), false));
  }

  @Test
  @Timeout(60)
  void anOverrunIsToldAndWhatIsListedThenMissesNothing() throws InterruptedException {
    // The listener keeps a copy of the routes as a program would: list when overrun, else follow.
    Set<Route> copy = new HashSet<>();
    AtomicInteger overruns = new AtomicInteger();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    RouteSocket lister = RouteSocket.open(here);
    NetlinkMonitor.Listener listener =
        new Recorder() {
          @Override
          public void changed(List<Event> batch) {
            held.countDown();
            try {
              assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            synchronized (copy) {
              for (Event event : batch) {
                switch (event) {
                  case Event.RouteAdded(Route route, boolean _) -> copy.add(route);
                  case Event.RouteRemoved(Route route) -> copy.remove(route);
                  default -> {}
                }
              }
            }
          }

          @Override
          public void overrun() {
            overruns.incrementAndGet();
            synchronized (copy) {
              copy.clear();
              copy.addAll(lister.routes(RouteSelection.ALL.withProtocol(77)));
            }
          }
        };
    NetlinkMonitor.Options tiny =
        NetlinkMonitor.Options.of(Set.of(Group.IPV4_ROUTE)).withReceiveBuffer(4096);
    try (lister;
        NetlinkMonitor _ = NetlinkMonitor.open(here, tiny, listener)) {
      ok(socket.apply(List.of(new AddRoute(route(0)))));
      assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
      List<Change> many = new ArrayList<>();
      for (int i = 1; i < 5000; i++) {
        many.add(new AddRoute(route(i)));
      }
      many.add(new DeleteRoute(route(17)));
      ok(socket.apply(many));
      release.countDown();
      await().untilAtomic(overruns, org.hamcrest.Matchers.greaterThan(0));
      ok(socket.apply(List.of(new AddRoute(route(5000)), new DeleteRoute(route(18)))));
      Set<Route> kernel = new HashSet<>(socket.routes(RouteSelection.ALL.withProtocol(77)));
      assertThat(kernel).hasSize(4999);
      await()
          .untilAsserted(
              () -> {
                synchronized (copy) {
                  assertThat(copy).isEqualTo(kernel);
                }
              });
    }
  }

  @Test
  @Timeout(30)
  void closingWakesTheThreadAndIsQuietAfterwards() {
    Recorder heard = new Recorder();
    NetlinkMonitor monitor = NetlinkMonitor.open(here, ALL, heard);
    long before = System.nanoTime();
    monitor.close();
    monitor.close();
    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(5));
    ok(socket.apply(List.of(new AddRoute(route(1)))));
    assertThat(heard.events).isEmpty();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("netlink-monitor"));
  }

  @Test
  @Timeout(30)
  void aListenerMayCloseItsMonitor() {
    List<NetlinkMonitor> monitors = new CopyOnWriteArrayList<>();
    AtomicInteger closed = new AtomicInteger();
    NetlinkMonitor.Listener listener =
        new Recorder() {
          @Override
          public void changed(List<Event> batch) {
            await().until(() -> !monitors.isEmpty());
            monitors.getFirst().close();
            closed.incrementAndGet();
          }
        };
    monitors.add(NetlinkMonitor.open(here, ALL, listener));
    ok(socket.apply(List.of(new AddRoute(route(1)), new AddRoute(route(2)))));
    await().untilAtomic(closed, org.hamcrest.Matchers.equalTo(1));
    monitors.getFirst().close();
  }

  @Test
  void aNamespaceThatIsNotThereIsNamed() {
    NetworkNamespace nowhere = NetworkNamespace.named("mnnl-nowhere");
    assertThatThrownBy(() -> NetlinkMonitor.open(nowhere, ALL, new Recorder()))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("/run/netns/mnnl-nowhere")
        .hasMessageContaining("ENOENT");
  }
}
