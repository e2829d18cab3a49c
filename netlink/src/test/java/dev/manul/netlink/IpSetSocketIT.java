package dev.manul.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sets, compared with what {@code ipset} says of them. */
class IpSetSocketIT {

  private final TestNamespaces namespaces = new TestNamespaces();
  private NetworkNamespace namespace;
  private IpSetSocket socket;

  @BeforeEach
  void open() {
    namespace = namespaces.fresh();
    socket = IpSetSocket.open(namespace);
  }

  @AfterEach
  void close() {
    socket.close();
    namespaces.close();
  }

  private String ipset(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ipset"));
    command.addAll(List.of(words));
    Process process =
        namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static SetMember net(String prefix) {
    return SetMember.of(Prefix.parse(prefix));
  }

  private static SetMember port(String address, int protocol, int port) {
    return SetMember.of(Address.parse(address), protocol, port);
  }

  @Test
  void setsOfBothFamiliesAndTypesAreMadeFilledAndRead() throws IOException {
    List<SetMember> nets = List.of(net("10.0.0.0/8"), net("10.1.2.3/32"));
    List<SetMember> nets6 = List.of(net("fd00::/64"), net("fd00::1/128"));
    List<SetMember> ports =
        List.of(port("10.0.0.1", 6, 80), port("10.0.0.1", 17, 53), port("10.0.0.2", 132, 9));
    List<SetMember> ports6 = List.of(port("fd00::1", 6, 8080));
    assertThat(
            socket.apply(
                List.of(
                    new SetChange.Create("n4", SetType.NET, AddressFamily.IPV4, 65536),
                    new SetChange.Create("n6", SetType.NET, AddressFamily.IPV6, 65536),
                    new SetChange.Create("p4", SetType.ADDRESS_PORT, AddressFamily.IPV4, 65536),
                    new SetChange.Create("p6", SetType.ADDRESS_PORT, AddressFamily.IPV6, 65536),
                    new SetChange.Add("n4", nets),
                    new SetChange.Add("n6", nets6),
                    new SetChange.Add("p4", ports),
                    new SetChange.Add("p6", ports6))))
        .isEmpty();
    assertThat(ipset("save"))
        .contains("create n4 hash:net family inet ", "create p6 hash:ip,port family inet6 ")
        .contains("add n4 10.0.0.0/8\n", "add n4 10.1.2.3\n", "add n6 fd00::/64\n")
        .contains("add p4 10.0.0.1,tcp:80", "add p4 10.0.0.2,sctp:9", "add p6 fd00::1,tcp:8080");
    assertThat(socket.members("n4")).containsExactlyInAnyOrderElementsOf(nets);
    assertThat(socket.members("n6")).containsExactlyInAnyOrderElementsOf(nets6);
    assertThat(socket.members("p4")).containsExactlyInAnyOrderElementsOf(ports);
    assertThat(socket.members("p6")).containsExactlyInAnyOrderElementsOf(ports6);
    assertThat(socket.sets())
        .containsExactlyInAnyOrder(
            new FoundSet("n4", "hash:net", AddressFamily.IPV4),
            new FoundSet("n6", "hash:net", AddressFamily.IPV6),
            new FoundSet("p4", "hash:ip,port", AddressFamily.IPV4),
            new FoundSet("p6", "hash:ip,port", AddressFamily.IPV6));
    ports.forEach(member -> assertThat(member.toString()).matches("10.0.0.*:\\d+"));
  }

  @Test
  void whatIsThereAlreadyAndWhatIsNotThereIsNoError() {
    var add = new SetChange.Add("n4", List.of(net("10.0.0.0/8")));
    var delete = new SetChange.Delete("n4", List.of(net("10.0.0.0/8")));
    assertThat(
            socket.apply(
                List.of(
                    new SetChange.Create("n4", SetType.NET, AddressFamily.IPV4, 100),
                    add,
                    add,
                    delete,
                    delete)))
        .isEmpty();
    assertThat(socket.members("n4")).isEmpty();
  }

  @Test
  void failuresAreToldAndDoNotStopTheRest() {
    Map<Integer, Errno> failures =
        socket.apply(
            List.of(
                new SetChange.Create("n4", SetType.NET, AddressFamily.IPV4, 100),
                new SetChange.Create("n4", SetType.NET, AddressFamily.IPV4, 100),
                new SetChange.Add("none", List.of(net("10.0.0.0/8"))),
                new SetChange.Destroy("none"),
                new SetChange.Add("n4", List.of(net("10.0.0.0/8")))));
    assertThat(failures.keySet()).containsExactlyInAnyOrder(1, 2);
    assertThat(failures).containsEntry(2, Errno.ENOENT);
    assertThat(socket.members("n4")).hasSize(1);
    assertThatThrownBy(() -> socket.members("none"))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("list set none");
  }

  @Test
  void manyMembersAndManySets() {
    List<SetMember> members = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      members.add(port("10.1." + (i >> 8) + "." + (i & 255), 6, 80));
    }
    List<SetChange> changes = new ArrayList<>();
    changes.add(new SetChange.Create("many", SetType.ADDRESS_PORT, AddressFamily.IPV4, 1 << 20));
    changes.add(new SetChange.Add("many", members));
    for (int i = 0; i < 1_000; i++) {
      changes.add(new SetChange.Create("s" + i, SetType.NET, AddressFamily.IPV6, 1 << 20));
    }
    assertThat(socket.apply(changes)).isEmpty();
    assertThat(socket.members("many")).hasSize(members.size());
    assertThat(new HashSet<>(socket.members("many"))).isEqualTo(new HashSet<>(members));
    assertThat(socket.sets()).hasSize(1_001);
    assertThat(socket.apply(List.of(new SetChange.Delete("many", members)))).isEmpty();
    assertThat(socket.members("many")).isEmpty();
  }

  @Test
  void twoSetsExchangeTheirContents() {
    assertThat(
            socket.apply(
                List.of(
                    new SetChange.Create("a", SetType.NET, AddressFamily.IPV4, 100),
                    new SetChange.Create("b", SetType.NET, AddressFamily.IPV4, 100),
                    new SetChange.Add("a", List.of(net("10.0.0.0/8"))),
                    new SetChange.Swap("a", "b"),
                    new SetChange.Destroy("a"))))
        .isEmpty();
    assertThat(socket.members("b")).containsExactly(net("10.0.0.0/8"));
  }
}
