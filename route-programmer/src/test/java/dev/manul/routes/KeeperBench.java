package dev.manul.routes;

import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A route keeper on a kernel in memory, with a clock that is moved by hand. */
final class KeeperBench {

  /** So long that nothing is found by a full check alone. */
  static final ProgrammerOptions OPTIONS =
      ProgrammerOptions.DEFAULT.withFullCheckInterval(Duration.ofDays(1));

  final FakeKernel kernel = new FakeKernel();
  final RouteKeeper keeper;
  private long nanos = 1;

  KeeperBench() {
    this(OPTIONS);
  }

  KeeperBench(ProgrammerOptions options) {
    keeper = new RouteKeeper(options, kernel, () -> nanos, () -> Instant.EPOCH.plusNanos(nanos));
    for (Link link : Sketch.links()) {
      if (!link.kind().equals("vxlan")) {
        kernel.links.put(link.index(), link);
      }
    }
    kernel.addresses.addAll(Sketch.addresses());
    for (Route route : Sketch.foreign()) {
      kernel.append(route);
    }
    kernel.news.clear();
  }

  void pass(Duration time) {
    nanos += time.toNanos();
  }

  /** Tells all news and lets the keeper work. */
  void settle() {
    List<dev.manul.netlink.Event> told = List.copyOf(kernel.news);
    kernel.news.clear();
    told.forEach(keeper::happened);
    keeper.settle();
  }

  /** Settles until all back-offs have run out. */
  void settleFully() {
    for (int i = 0; i < 5; i++) {
      settle();
      pass(Duration.ofSeconds(31));
    }
    settle();
  }

  void learn(LearnedChange... changes) {
    keeper.learned(List.of(changes));
  }

  void learn(Collection<LearnedChange> changes) {
    keeper.learned(changes);
  }

  void setUp(int link, boolean up) {
    kernel.byHand(new Change.SetLink(link, LinkUpdate.NOTHING.withUp(up)));
  }

  /** Our routes in the kernel as text, in the order of their destinations. */
  List<String> ours() {
    List<Route> routes = new ArrayList<>(kernel.ours());
    routes.sort(java.util.Comparator.comparing(Route::destination));
    return routes.stream().map(route -> route.text(this::linkName)).toList();
  }

  String linkName(int index) {
    Link link = kernel.links.get(index);
    return link == null ? null : link.name();
  }

  ProgrammerStatus status() {
    return keeper.status();
  }
}
