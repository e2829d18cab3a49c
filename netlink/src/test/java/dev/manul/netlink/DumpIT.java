package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.netlink.Change.AddAddress;
import dev.manul.netlink.Change.AddRoute;
import dev.manul.netlink.Change.AddRule;
import dev.manul.netlink.Change.DeleteAddress;
import dev.manul.netlink.Change.DeleteRoute;
import dev.manul.netlink.Change.DeleteRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dumps while the world changes, and when calls fail. */
final class DumpIT {

  private static final int FLAGS = 6;
  private static final int ERRNO_EINTR = -4;

  private final TestNamespaces namespaces = new TestNamespaces();
  private final FaultyLibC libc = new FaultyLibC();
  private NetworkNamespace here;
  private RouteSocket socket;

  @BeforeEach
  void open() {
    here = namespaces.fresh();
    socket = RouteSocket.open(here, libc);
  }

  @AfterEach
  void close() {
    socket.close();
    namespaces.close();
  }

  private static Route route(int index) {
    return Route.blackhole(new Ipv4Address(0x0b00_0000 + index).toPrefix()).withProtocol(77);
  }

  private static void interrupt(LibC.Memory memory) {
    int flags = memory.bytes().getShort(FLAGS) | NetlinkSocket.NLM_F_DUMP_INTR;
    memory.bytes().putShort(FLAGS, (short) flags);
  }

  @Test
  void anInterruptedDumpIsRepeated() {
    AtomicInteger left = new AtomicInteger(3);
    libc.onReceive =
        (memory, result) -> {
          if (left.getAndDecrement() > 0) {
            interrupt(memory);
          }
          return result;
        };
    assertThat(socket.links()).extracting(Link::name).containsExactly("lo");
    assertThat(libc.sends).isGreaterThan(1);
  }

  @Test
  void aDumpThatIsAlwaysInterruptedEnds() {
    libc.onReceive =
        (memory, result) -> {
          interrupt(memory);
          return result;
        };
    assertThatThrownBy(() -> socket.links())
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("list links")
        .hasMessageContaining("20 times");
    libc.onReceive = (memory, result) -> result;
    assertThat(socket.links()).hasSize(1);
  }

  @Test
  void anInterruptedCallIsCalledAgain() {
    AtomicInteger left = new AtomicInteger(5);
    libc.beforeReceive = (fd, flags) -> left.getAndDecrement() > 0 ? ERRNO_EINTR : 0;
    assertThat(socket.links()).hasSize(1);
  }

  @Test
  void anAnswerThatNeverComesIsATimeOut() {
    libc.onReceive = (memory, result) -> result > 0 ? -Errno.EAGAIN.number() : result;
    assertThatThrownBy(() -> socket.links())
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    assertThatThrownBy(() -> socket.apply(List.of(new AddRoute(route(1)))))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    libc.onReceive = (memory, result) -> result;
    // What was left of the lost calls does not disturb the next.
    assertThat(socket.routes(RouteSelection.ALL.withProtocol(77))).containsExactly(route(1));
  }

  @Test
  void lostAnswersAreAnError() {
    libc.beforeReceive = (fd, flags) -> -Errno.ENOBUFS.number();
    assertThatThrownBy(() -> socket.apply(List.of(new AddRoute(route(1)))))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOBUFS));
  }

  @Test
  void concurrentChangesLeaveAListWhole() throws InterruptedException {
    List<Change> add = new ArrayList<>();
    Set<Route> steady = new HashSet<>();
    for (int i = 0; i < 20_000; i += 2) {
      steady.add(route(i));
      add.add(new AddRoute(route(i)));
    }
    Set<LinkAddress> addresses = new HashSet<>();
    Set<Rule> rules = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      LinkAddress address =
          LinkAddress.of(1, new InterfaceAddress(new Ipv4Address(0x0c00_0000 + i), 32));
      addresses.add(address);
      add.add(new AddAddress(address));
      Rule rule = Rule.lookup(AddressFamily.IPV4, 1000 + i, 100);
      rules.add(rule);
      add.add(new AddRule(rule));
    }
    ok(socket.apply(add));
    AtomicBoolean stop = new AtomicBoolean();
    Thread meddler = new Thread(() -> meddle(stop), "meddler");
    meddler.start();
    try {
      for (int i = 0; i < 10; i++) {
        assertWhole(socket.routes(RouteSelection.ALL.withProtocol(77)), steady);
        assertWhole(socket.rules(), rules);
        assertWhole(socket.addresses().stream().map(a -> a.withFlags(0)).toList(), addresses);
      }
    } finally {
      stop.set(true);
      meddler.join();
    }
  }

  /** Nothing twice, and all that did not change. */
  private static <T> void assertWhole(List<T> read, Set<T> steady) {
    Set<T> distinct = new HashSet<>(read);
    assertThat(distinct).hasSize(read.size());
    assertThat(distinct.containsAll(steady)).isTrue();
  }

  /** Adds and takes away, again and again, with a breath between so that some dumps get through. */
  private void meddle(AtomicBoolean stop) {
    LinkAddress address = LinkAddress.of(1, InterfaceAddress.parse("11.255.0.1/32"));
    Rule rule = Rule.lookup(AddressFamily.IPV4, 500, 100);
    try (RouteSocket other = RouteSocket.open(here)) {
      while (!stop.get()) {
        List<Change> changes = new ArrayList<>();
        for (int i = 1; i < 400; i += 2) {
          changes.add(new AddRoute(route(i)));
        }
        changes.add(new AddAddress(address));
        changes.add(new AddRule(rule));
        changes.add(new DeleteRule(rule));
        changes.add(new DeleteAddress(address));
        for (int i = 1; i < 400; i += 2) {
          changes.add(new DeleteRoute(route(i)));
        }
        ok(other.apply(changes));
        LockSupport.parkNanos(3_000_000);
      }
    }
  }
}
