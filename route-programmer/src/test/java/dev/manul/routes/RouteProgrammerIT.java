package dev.manul.routes;

import static dev.manul.model.EncapsulationMode.ALWAYS;
import static dev.manul.model.EncapsulationMode.CROSS_SUBNET;
import static dev.manul.model.EncapsulationMode.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.model.EncapsulationMode;
import dev.manul.netlink.Event;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.RouteSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The route programmer on the kernel of this machine, in namespaces of its own. */
class RouteProgrammerIT {

  private static final Logger log = LoggerFactory.getLogger(RouteProgrammerIT.class);

  private final TestHost host = new TestHost();

  @AfterEach
  void removeNamespaces() {
    host.close();
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(2));
  }

  private static NodeView inMode(EncapsulationMode mode) {
    return Sketch.view()
        .pools(
            Sketch.pool("10.244.0.0/16", mode),
            Sketch.pool("fd00:10::/48", EncapsulationMode.NEVER))
        .own("10.244.1.0/26", "fd00:10:0:1::/122")
        .workload("10.244.1.5/32", "cali1")
        .workload("fd00:10:0:1::5/128", "cali1")
        .tunnelAddress("10.244.9.0")
        .get();
  }

  private static List<LearnedChange> peers() {
    return List.of(
        Sketch.change("10.244.0.0/26", "10.1.5.10"),
        Sketch.change("10.244.0.128/26", "10.1.8.10"),
        Sketch.change("10.244.0.192/26", "10.1.8.10", "10.1.8.11"),
        Sketch.change("fd00:10::/122", "2001:db8:5::10"));
  }

  private RouteProgrammer settled(EncapsulationMode mode) {
    RouteProgrammer programmer =
        host.programmer(TestHost.OPTIONS.withLinger(Duration.ofMillis(50)));
    programmer.view(inMode(mode));
    programmer.learned(peers());
    programmer.inSync();
    awaitSettled(programmer, 8);
    return programmer;
  }

  private static void awaitSettled(RouteProgrammer programmer, int routes) {
    eventually()
        .untilAsserted(
            () -> {
              ProgrammerStatus status = programmer.status();
              assertThat(status.failing()).isEmpty();
              assertThat(status.installed()).isEqualTo(routes);
              assertThat(status.desired()).isEqualTo(routes);
              assertThat(status.settled()).isTrue();
            });
  }

  @Test
  void routesLookAsTheIpCommandShowsThem() {
    RouteProgrammer programmer = settled(ALWAYS);

    assertThat(host.shown())
        .contains(
            "10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink",
            "10.244.0.128/26 via 10.1.8.10 dev tunl0 proto 77 onlink",
            "blackhole 10.244.1.0/26 proto 77",
            "10.244.1.5 dev cali1 proto 77 scope link");
    assertThat(host.ip("address show dev tunl0")).contains("inet 10.244.9.0/32");
    assertThat(host.ip("link show dev tunl0")).contains("mtu 1480");
    assertThat(programmer.report().lines()).hasSize(8);
    assertThat(host.namespace().readSysctl("ipv4/ip_forward")).isEqualTo("1");

    programmer.view(inMode(NEVER));
    eventually().until(() -> host.shown().stream().noneMatch(line -> line.contains("tunl0")));
    assertThat(host.shown())
        .contains(
            "10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77",
            "10.244.0.128/26 via 10.1.5.1 dev eth0 proto 77");
    eventually().until(() -> !host.ip("address show dev tunl0").contains("inet 10.244.9.0"));
  }

  @Test
  void routeDeletedByHandIsBackAtOnce() {
    settled(ALWAYS);
    TestHost.Recorder recorder = host.new Recorder();
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      recorder.told.clear();
      host.ip("route del 10.244.0.0/26");
      eventually().until(() -> recorder.told.size() == 2);
      assertThat(recorder.told.get(0).event()).isInstanceOf(Event.RouteRemoved.class);
      assertThat(recorder.told.get(1).event()).isInstanceOf(Event.RouteAdded.class);
      micros.add((recorder.told.get(1).nanos() - recorder.told.get(0).nanos()) / 1_000);
    }
    micros.sort(null);
    log.info(
        "event=repair_measured median_us={} longest_us={} repairs={}",
        micros.get(micros.size() / 2),
        micros.getLast(),
        micros.size());
  }

  @Test
  void routeChangedByAnotherIsPutRightWithoutALoop() {
    RouteProgrammer programmer = settled(CROSS_SUBNET);
    TestHost.Recorder recorder = host.new Recorder();
    List<String> before = host.shown();

    host.ip("route replace 10.244.0.0/26 via 10.1.5.99 dev eth0 proto 77");
    host.ip("-6 route replace fd00:10::/122 via 2001:db8:5::99 dev eth0 proto 77 metric 1024");
    eventually().until(() -> programmer.status().repaired() == 2);

    assertThat(host.shown()).containsExactlyInAnyOrderElementsOf(before);
    int told = recorder.told.size();
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(20))
        .until(() -> recorder.told.size() == told && programmer.status().settled());
  }

  @Test
  void foreignRoutesAreNeverTouched() {
    host.ip("route add 10.244.0.0/26 via 10.1.5.7 proto static");
    host.ip("route add 10.250.0.0/16 via 10.1.5.7 proto bird");
    String foreign = host.ip("route show proto static");
    RouteProgrammer programmer = host.programmer();
    programmer.view(inMode(ALWAYS));
    programmer.learned(peers());
    programmer.inSync();
    eventually().until(() -> programmer.status().installed() == 7);

    assertThat(programmer.status().failing())
        .singleElement()
        .asString()
        .contains("10.244.0.0/26 via 10.1.5.7 dev eth0 proto static");
    assertThat(host.ip("route show proto static")).isEqualTo(foreign);

    host.ip("route del 10.244.0.0/26 proto static");
    awaitSettled(programmer, 8);
    host.ip("route replace 10.244.0.128/26 via 10.1.5.7 proto static");
    eventually().until(() -> programmer.status().failing().size() == 1);
    programmer.view(inMode(CROSS_SUBNET));
    eventually()
        .until(() -> host.shown().contains("10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77"));
    assertThat(host.ip("route show proto static")).contains("10.244.0.128/26 via 10.1.5.7");
    assertThat(host.ip("route show proto bird")).contains("10.250.0.0/16 via 10.1.5.7");
  }

  @Test
  void restartIsNoNewsForTheKernel() {
    settled(CROSS_SUBNET).close();
    List<String> before = host.shown();
    TestHost.Recorder recorder = host.new Recorder();

    RouteProgrammer second = host.programmer();
    second.view(inMode(CROSS_SUBNET));
    eventually().until(() -> second.status().installed() == 4);
    second.learned(peers());
    eventually().until(() -> second.status().installed() == 8);
    second.inSync();
    eventually().until(() -> second.status().removing() && second.status().settled());

    // Something of our own that is told shows that all before it would have been, too.
    second.learned(List.of(Sketch.change("10.244.7.0/26", "10.1.8.10")));
    eventually().until(() -> !recorder.told.isEmpty());
    assertThat(recorder.events())
        .singleElement()
        .isInstanceOfSatisfying(
            Event.RouteAdded.class,
            added ->
                assertThat(added.route().destination()).isEqualTo(Sketch.prefix("10.244.7.0/26")));
    assertThat(host.shown()).containsAll(before);
    assertThat(recorder.complete).isTrue();
  }

  @Test
  void closingLeavesEverythingInPlace() {
    RouteProgrammer programmer = settled(ALWAYS);
    List<String> before = host.shown();

    programmer.close();
    programmer.close();

    assertThat(host.shown()).isEqualTo(before);
    assertThat(host.ip("address show dev tunl0")).contains("inet 10.244.9.0/32");
  }

  @Test
  void modeChangeLeavesNoMomentWithoutARoute() throws InterruptedException {
    RouteProgrammer programmer = settled(ALWAYS);
    List<LearnedChange> more = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      more.add(Sketch.change("10.244.2." + i + "/32", "10.1.5." + (12 + i)));
    }
    programmer.learned(more);
    awaitSettled(programmer, 108);
    TestHost.Recorder recorder = host.new Recorder();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger readings = new AtomicInteger();
    AtomicReference<String> gap = new AtomicReference<>();
    Thread watcher = Thread.ofPlatform().start(() -> watch(done, readings, gap));

    for (int i = 0; i < 10; i++) {
      String device = i % 2 == 0 ? "dev eth0" : "dev tunl0";
      programmer.view(inMode(i % 2 == 0 ? CROSS_SUBNET : ALWAYS));
      eventually().until(() -> host.shown().stream().filter(l -> l.contains(device)).count() > 100);
    }
    done.set(true);
    watcher.join();

    assertThat(gap.get()).isNull();
    assertThat(recorder.complete).isTrue();
    assertThat(recorder.events()).noneMatch(Event.RouteRemoved.class::isInstance);
    assertThat(recorder.events())
        .allMatch(event -> event instanceof Event.RouteAdded added && added.replaced());
    log.info(
        "event=mode_changes replaced={} readings_without_gap={}",
        recorder.told.size(),
        readings.get());
  }

  private void watch(AtomicBoolean done, AtomicInteger readings, AtomicReference<String> gap) {
    RouteSocket socket = host.socket();
    Set<Object> all = new HashSet<>();
    TestHost.ours(socket).forEach(route -> all.add(route.destination()));
    while (!done.get() && gap.get() == null) {
      Set<Object> now = new HashSet<>();
      TestHost.ours(socket).forEach(route -> now.add(route.destination()));
      if (!now.equals(all)) {
        Set<Object> missing = new HashSet<>(all);
        missing.removeAll(now);
        gap.set("missing " + missing);
      }
      readings.incrementAndGet();
    }
  }

  @Test
  void linkThatGoesDownAndUpHasItsRoutesAgain() {
    RouteProgrammer programmer = settled(CROSS_SUBNET);
    List<String> before = host.shown();

    host.ip("link set eth0 down");
    eventually().until(() -> programmer.status().desired() < 8);
    host.ip("link set eth0 up");
    host.ip("address replace 2001:db8:5::11/64 dev eth0 nodad");
    host.ip("route replace default via 10.1.5.1");

    awaitSettled(programmer, 8);
    assertThat(host.shown()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void routesSilentlyLostByAQuickFlapAreFound() {
    RouteProgrammer programmer = settled(CROSS_SUBNET);
    for (int i = 0; i < 5; i++) {
      host.ip("link set cali1 down");
      host.ip("link set cali1 up");
    }
    eventually().until(() -> host.shown().contains("10.244.1.5 dev cali1 proto 77 scope link"));
    awaitSettled(programmer, 8);
  }

  @Test
  void tunnelThatComesBackIsSetUpAgain() {
    RouteProgrammer programmer = settled(ALWAYS);

    host.ip("link del tunl0");
    eventually().until(() -> programmer.status().desired() == 5);
    assertThat(programmer.status().issues())
        .extracting(RouteIssue::reason)
        .contains(RouteIssue.Reason.TUNNEL_DEVICE_MISSING);
    host.addLink("tunl0");

    awaitSettled(programmer, 8);
    assertThat(host.ip("address show dev tunl0")).contains("inet 10.244.9.0/32");
    assertThat(host.shown()).contains("10.244.0.0/26 via 10.1.5.10 dev tunl0 proto 77 onlink");
  }

  @Test
  void withoutTheKernelsTunnelOtherRoutesProceed() {
    host.ip("link del tunl0");
    RouteProgrammer programmer = host.programmer(ProgrammerOptions.DEFAULT);
    programmer.view(inMode(CROSS_SUBNET));
    programmer.learned(peers());
    programmer.inSync();

    // A kernel that knows ipip gets its tunnel; one that does not is told of.
    eventually()
        .until(
            () ->
                programmer.status().installed() == 8
                    || programmer.status().issues().stream()
                        .anyMatch(i -> i.message().contains("could not be created")));
    assertThat(host.shown()).contains("10.244.0.0/26 via 10.1.5.10 dev eth0 proto 77");
  }

  @Test
  void strayRoutesOfOursGoOnlyOnceAllIsKnown() {
    host.ip("route add 10.244.77.0/26 via 10.1.5.9 proto 77");
    host.ip("route add 10.244.0.0/26 via 10.1.5.9 proto 77 metric 50");
    RouteProgrammer programmer = host.programmer();
    programmer.view(inMode(ALWAYS));
    programmer.learned(peers());
    eventually().until(() -> programmer.status().installed() == 8);
    eventually().until(() -> TestHost.ours(host.socket()).size() == 10);

    programmer.inSync();

    eventually().until(() -> TestHost.ours(host.socket()).size() == 8);
  }

  @Test
  void namespaceThatIsNotThereIsAnError() {
    assertThatThrownBy(
            () ->
                RouteProgrammer.start(
                    NetworkNamespace.named("mnrt-none"),
                    ProgrammerOptions.DEFAULT,
                    ProgrammerListener.NONE))
        .hasMessageContaining("mnrt-none");
  }
}
