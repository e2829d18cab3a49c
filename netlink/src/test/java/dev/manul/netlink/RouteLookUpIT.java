package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel says it would do with packets, in a namespace with one link. */
final class RouteLookUpIT {

  private static final Address INSIDE = Address.parse("10.1.5.11");
  private static final Address POD = Address.parse("10.244.1.2");
  private static final Address FAR = Address.parse("10.244.2.3");

  private final TestNamespaces namespaces = new TestNamespaces();
  private NetworkNamespace here;
  private RouteSocket socket;
  private int veth;

  @BeforeEach
  void open() {
    here = namespaces.fresh();
    String _ = ip(here, "link", "add", "v0", "type", "veth", "peer", "name", "v1");
    String _ = ip(here, "link", "set", "v0", "up");
    String _ = ip(here, "link", "set", "v1", "up");
    String _ = ip(here, "address", "add", "10.1.5.10/24", "dev", "v0");
    String _ = ip(here, "address", "add", "fd00:5::10/64", "dev", "v0", "nodad");
    String _ = ip(here, "route", "add", "10.244.2.0/26", "via", "10.1.5.11", "proto", "77");
    socket = RouteSocket.open(here);
    veth = socket.link("v0").orElseThrow().index();
    here.writeSysctl("ipv4/conf/all/rp_filter", "0");
    here.writeSysctl("ipv4/conf/v0/rp_filter", "0");
    here.writeSysctl("ipv4/ip_forward", "1");
  }

  @AfterEach
  void close() {
    socket.close();
    namespaces.close();
  }

  private RouteAnswer arriving() {
    return socket.lookUp(RouteQuestion.arriving(POD, FAR, veth));
  }

  private static RouteAnswer refused(Errno errno) {
    return new RouteAnswer.Refused(errno);
  }

  @Test
  void theRouteOfTheTableIsTold() {
    Route expected = Route.via(Prefix.parse("10.244.2.0/26"), INSIDE, veth).withProtocol(77);
    assertThat(socket.lookUp(RouteQuestion.sent(FAR))).isEqualTo(new RouteAnswer.Taken(expected));
  }

  @Test
  void aPacketOfThisHostItselfIsLocal() {
    assertThat(socket.lookUp(RouteQuestion.sent(Address.parse("10.1.5.10"))))
        .isInstanceOfSatisfying(
            RouteAnswer.Taken.class,
            taken -> assertThat(taken.route().type()).isEqualTo(RouteType.LOCAL));
  }

  @Test
  void withoutARouteItIsUnreachable() {
    assertThat(socket.lookUp(RouteQuestion.sent(POD))).isEqualTo(refused(Errno.ENETUNREACH));
    String _ = ip(here, "route", "add", "blackhole", "10.244.1.0/26");
    assertThat(socket.lookUp(RouteQuestion.sent(POD))).isEqualTo(refused(Errno.EINVAL));
    String _ = ip(here, "route", "replace", "prohibit", "10.244.1.0/26");
    assertThat(socket.lookUp(RouteQuestion.sent(POD))).isEqualTo(refused(Errno.EACCES));
  }

  @Test
  void whatComesInIsForwardedWhereThatIsOn() {
    String _ = ip(here, "route", "add", "10.244.1.2/32", "dev", "v0");
    assertThat(arriving()).isInstanceOf(RouteAnswer.Taken.class);
    here.writeSysctl("ipv4/ip_forward", "0");
    assertThat(arriving()).isEqualTo(refused(Errno.EHOSTUNREACH));
  }

  @Test
  void strictReversePathFilteringRefuses() {
    String _ = ip(here, "route", "add", "10.244.1.2/32", "dev", "v1");
    assertThat(arriving()).isInstanceOf(RouteAnswer.Taken.class);
    here.writeSysctl("ipv4/conf/all/rp_filter", "1");
    assertThat(arriving()).isIn(refused(Errno.EXDEV), refused(Errno.EINVAL));
    here.writeSysctl("ipv4/conf/all/rp_filter", "2");
    here.writeSysctl("ipv4/conf/v0/rp_filter", "2");
    assertThat(arriving()).isInstanceOf(RouteAnswer.Taken.class);
  }

  @Test
  void ipv6() {
    String _ = ip(here, "route", "add", "fd00:244:2::/64", "via", "fd00:5::11", "proto", "77");
    assertThat(socket.lookUp(RouteQuestion.sent(Address.parse("fd00:244:2::3"))))
        .isInstanceOfSatisfying(
            RouteAnswer.Taken.class,
            taken -> {
              assertThat(taken.route().destination()).isEqualTo(Prefix.parse("fd00:244:2::/64"));
              assertThat(taken.route().protocol()).isEqualTo(77);
            });
    assertThat(socket.lookUp(RouteQuestion.sent(Address.parse("fd00:244:1::2"))))
        .isEqualTo(refused(Errno.ENETUNREACH));
  }

  @Test
  void aQuestionAboutNoLinkIsAnError() {
    assertThatThrownBy(() -> socket.lookUp(RouteQuestion.arriving(POD, FAR, 9999)))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
  }
}
