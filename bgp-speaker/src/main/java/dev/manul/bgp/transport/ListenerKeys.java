package dev.manul.bgp.transport;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TCP MD5 keys (RFC 2385) of one listening socket. Each is set and taken away by itself, so
 * that a changed password is one call to the kernel, and one that does not fit leaves the others
 * alone: the kernel has room for some 960 of them in the 128 KiB of {@code net.core.optmem_max}.
 */
final class ListenerKeys {
  private static final Logger log = LoggerFactory.getLogger(ListenerKeys.class);

  // linux/tcp.h: struct tcp_md5sig is an address, flags, the lengths of prefix and key, an
  // interface, and the key.
  private static final int LENGTH = 216;
  private static final int FLAGS = 128;
  private static final int MOST_KEY_OCTETS = 80;
  private static final RawUnixChannelOption TCP_MD5SIG =
      new RawUnixChannelOption("TCP_MD5SIG", 6, 14, LENGTH);
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;

  private final Map<Address, byte[]> inForce = new HashMap<>();

  /** Makes the kernel have these keys and no others, as far as it has room. */
  synchronized void set(Channel listener, Map<Address, byte[]> wanted) {
    for (Address gone : List.copyOf(inForce.keySet())) {
      if (!wanted.containsKey(gone)) {
        tell(listener, gone, new byte[0]);
        inForce.remove(gone);
      }
    }
    List<Address> failed = new ArrayList<>();
    String cause = "";
    for (Map.Entry<Address, byte[]> entry : wanted.entrySet()) {
      byte[] before = inForce.get(entry.getKey());
      if (before == null || !Arrays.equals(before, entry.getValue())) {
        String trouble = tell(listener, entry.getKey(), entry.getValue());
        if (trouble.isEmpty()) {
          inForce.put(entry.getKey(), entry.getValue());
        } else {
          failed.add(entry.getKey());
          inForce.remove(entry.getKey());
          cause = trouble;
        }
      }
    }
    if (!failed.isEmpty()) {
      log.error(
          "passwords not set, these neighbors cannot connect to us neighbors={} first={}"
              + " cause=\"{}\"; net.core.optmem_max may be too small",
          failed.size(),
          failed.getFirst(),
          cause);
    }
  }

  /** Whether connections from an address are signed with the key they ought to be. */
  synchronized boolean has(Address neighbor) {
    return inForce.containsKey(neighbor);
  }

  /** Sets a key, or takes it away when it is empty; says what went wrong, or "". */
  private static String tell(Channel listener, Address neighbor, byte[] key) {
    try {
      listener.config().setOption(TCP_MD5SIG, encode(neighbor, key));
      return "";
    } catch (ChannelException | IllegalArgumentException e) {
      return ConnectionErrors.text(e.getCause() == null ? e : e.getCause());
    }
  }

  private static ByteBuffer encode(Address neighbor, byte[] key) {
    if (key.length > MOST_KEY_OCTETS) {
      throw new IllegalArgumentException("a key of " + key.length + " octets");
    }
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.nativeOrder());
    boolean ipv4 = neighbor.family() == AddressFamily.IPV4;
    buffer.putShort(0, ipv4 ? AF_INET : AF_INET6);
    buffer.put(ipv4 ? 4 : 8, neighbor.toBytes()); // behind the port, and IPv6's flow label
    buffer.putShort(FLAGS + 2, (short) key.length);
    buffer.put(FLAGS + 8, key);
    return buffer;
  }
}
