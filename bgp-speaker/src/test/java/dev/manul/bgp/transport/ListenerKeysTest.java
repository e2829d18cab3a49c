package dev.manul.bgp.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against the kernel, on sockets that listen nowhere. */
class ListenerKeysTest {
  private static final Address FIRST = Address.parse("127.17.0.1");
  private static final Address SECOND = Address.parse("127.17.0.2");

  @Test
  void keysComeAndGoOneByOne() {
    EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET);
    try {
      ListenerKeys keys = new ListenerKeys();
      keys.set(channel, Map.of(FIRST, new byte[] {1}, SECOND, new byte[80]));
      assertThat(keys.has(FIRST)).isTrue();
      assertThat(keys.has(SECOND)).isTrue();
      keys.set(channel, Map.of(FIRST, new byte[] {2}));
      assertThat(keys.has(FIRST)).isTrue();
      assertThat(keys.has(SECOND)).isFalse();
      // What is too long for the kernel is not in force, and the others are.
      keys.set(channel, Map.of(FIRST, new byte[81], SECOND, new byte[] {3}));
      assertThat(keys.has(FIRST)).isFalse();
      assertThat(keys.has(SECOND)).isTrue();
    } finally {
      channel.unsafe().closeForcibly();
    }
  }

  @Test
  void ipv6AddressesHaveKeysToo() {
    EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET6);
    try {
      ListenerKeys keys = new ListenerKeys();
      keys.set(channel, Map.of(Address.parse("2001:db8::1"), new byte[] {1, 2, 3}));
      assertThat(keys.has(Address.parse("2001:db8::1"))).isTrue();
    } finally {
      channel.unsafe().closeForcibly();
    }
  }

  @Test
  void whereTheKernelHasNoRoomForAllSomeAreInForce() {
    EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET);
    try {
      Map<Address, byte[]> many = new HashMap<>();
      for (int i = 0; i < 20_000; i++) {
        many.put(new Ipv4Address(0x0a000000 + i), new byte[] {1});
      }
      ListenerKeys keys = new ListenerKeys();
      keys.set(channel, many);
      long inForce = many.keySet().stream().filter(keys::has).count();
      assertThat(inForce).isBetween(10L, 19_999L);
      // Room that becomes free is used.
      many.keySet().removeIf(keys::has);
      Address left = many.keySet().iterator().next();
      keys.set(channel, Map.of(left, new byte[] {1}));
      assertThat(keys.has(left)).isTrue();
    } finally {
      channel.unsafe().closeForcibly();
    }
  }
}
