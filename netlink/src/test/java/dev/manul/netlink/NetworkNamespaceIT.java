package dev.manul.netlink;

import static dev.manul.netlink.TestNamespaces.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Namespaces are made, entered and left. */
final class NetworkNamespaceIT {

  private final TestNamespaces namespaces = new TestNamespaces();

  @AfterEach
  void close() {
    namespaces.close();
  }

  private static Path own() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
  }

  @Test
  void aTaskRunsInsideAndTheCallerStaysOutside() throws IOException {
    Path before = own();
    NetworkNamespace there = namespaces.bare();
    Path inside = there.call(NetworkNamespaceIT::own);
    assertThat(inside).isNotEqualTo(before);
    assertThat(own()).isEqualTo(before);
    assertThat(NetworkNamespace.current().call(NetworkNamespaceIT::own)).isEqualTo(before);
    assertThat(there.call(() -> NetworkNamespace.current().call(NetworkNamespaceIT::own)))
        .isEqualTo(inside);
  }

  @Test
  void ipKnowsANamespaceThatWasMadeHere() {
    NetworkNamespace there = namespaces.bare();
    assertThat(there.exists()).isTrue();
    assertThat(ip(there, "-o", "link")).contains("lo:").contains("state DOWN");
  }

  @Test
  void aSecondOneOfTheSameNameIsRefused() {
    NetworkNamespace there = namespaces.bare();
    assertThatThrownBy(() -> NetworkNamespace.create(TestNamespaces.name(there)))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
    assertThat(there.call(NetworkNamespaceIT::own)).isNotNull();
  }

  @Test
  void aDeletedOneIsGone() {
    NetworkNamespace there = namespaces.bare();
    there.delete();
    there.delete();
    assertThat(there.exists()).isFalse();
    assertThatThrownBy(() -> there.run(() -> {}))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining(there.toString());
  }

  @Test
  void whatATaskThrowsArrives() {
    NetworkNamespace there = namespaces.bare();
    IllegalStateException thrown = new IllegalStateException("so");
    assertThatThrownBy(
            () ->
                there.run(
                    () -> {
                      throw thrown;
                    }))
        .isSameAs(thrown);
    assertThatThrownBy(
            () ->
                there.call(
                    () -> {
                      throw new IOException("disk");
                    }))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("disk");
  }

  @Test
  void settingsAreThoseOfTheNamespace() {
    NetworkNamespace there = namespaces.bare();
    NetworkNamespace other = namespaces.bare();
    there.writeSysctl("ipv4/conf/all/forwarding", "1");
    other.writeSysctl("ipv4/conf/all/forwarding", "0");
    assertThat(there.readSysctl("ipv4/ip_forward")).isEqualTo("1");
    assertThat(other.readSysctl("ipv4/ip_forward")).isEqualTo("0");
    assertThatThrownBy(() -> there.readSysctl("../kernel/hostname"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> there.writeSysctl("ipv4/no_such", "1"))
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("no_such");
  }

  @Test
  void namesThatLeaveTheDirectoryAreRefused() {
    for (String name : new String[] {"", ".", "..", "a/b"}) {
      assertThatThrownBy(() -> NetworkNamespace.named(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
