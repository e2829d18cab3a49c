package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A removed link is gone when the call returns, whether the kernel has acknowledged it or not. */
@Timeout(60)
final class LinkRemoverIT {

  private final TestNamespaces namespaces = new TestNamespaces();
  private final FaultyLibC libc = new FaultyLibC();
  private NetworkNamespace here;
  private NetworkNamespace pod;
  private RouteSocket socket;
  private LinkRemover remover;

  @BeforeEach
  void open() {
    here = namespaces.fresh();
    pod = namespaces.fresh();
    socket = RouteSocket.open(here);
    remover = new LinkRemover(here, libc);
  }

  @AfterEach
  void close() {
    remover.close();
    socket.close();
    namespaces.close();
  }

  /** A link into the pod, up at both ends, with a route. */
  private Link pair(int number) {
    Link link =
        socket.create(
            new Change.CreateLink(
                LinkSpec.of("pair" + number, LinkType.Veth.into(pod, "eth" + number))
                    .withUp(true)));
    Prefix there = Prefix.parse("10.9.0." + number + "/32");
    ok(socket.apply(List.of(new Change.AddRoute(Route.onLink(there, link.index())))));
    return link;
  }

  private List<String> names(NetworkNamespace namespace) {
    try (RouteSocket each = RouteSocket.open(namespace)) {
      return each.links().stream().map(Link::name).filter(name -> !name.equals("lo")).toList();
    }
  }

  /** Has messages of a type lost on their way from the kernel. */
  private void lose(int lost) {
    libc.onReceive =
        (memory, result) ->
            result > 0 && memory.bytes().getShort(4) == lost ? -Errno.ENOBUFS.number() : result;
  }

  private void assertNothingLeft() {
    assertThat(names(here)).isEmpty();
    assertThat(names(pod)).isEmpty();
    assertThat(socket.routes(RouteSelection.ofTable(Route.MAIN_TABLE))).isEmpty();
  }

  @Test
  void bothEndsAndTheRoutesAreGoneWithoutAnAcknowledgement() {
    Link link = pair(1);
    lose(NetlinkSocket.NLMSG_ERROR);

    remover.remove(link.index());

    assertNothingLeft();
  }

  @Test
  void theAcknowledgementDoesWhereTheAnnouncementIsLost() {
    Link link = pair(1);
    lose(LinkCodec.RTM_DELLINK);

    remover.remove(link.index());

    assertNothingLeft();
  }

  @Test
  void oneThatIsNotThereIsNoError() {
    Link link = pair(1);
    remover.remove(link.index());

    remover.remove(link.index());

    assertNothingLeft();
  }

  @Test
  void whatTheKernelRefusesIsSaidAndTheNextIsRemoved() {
    Link link = pair(1);

    assertThatThrownBy(() -> remover.remove(1))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("remove link 1");
    remover.remove(link.index());

    assertNothingLeft();
  }

  @Test
  void silenceEndsInTime() {
    Link link = pair(1);
    libc.beforeReceive = (_, flags) -> flags == LibC.MSG_TRUNC ? -Errno.EAGAIN.number() : 0;

    assertThatThrownBy(() -> remover.remove(link.index()))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    libc.beforeReceive = (_, _) -> 0;
    remover.remove(link.index());

    assertNothingLeft();
  }

  @Test
  void moreThanTheKernelIsGivenAtOnceWait() throws Exception {
    List<Link> links = IntStream.rangeClosed(1, 100).mapToObj(this::pair).toList();
    List<Future<?>> removals = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      links.forEach(link -> removals.add(threads.submit(() -> remover.remove(link.index()))));
    }

    for (Future<?> removal : removals) {
      removal.get();
    }
    assertNothingLeft();
  }
}
