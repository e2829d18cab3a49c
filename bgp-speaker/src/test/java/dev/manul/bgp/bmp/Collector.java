package dev.manul.bgp.bmp;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageDecoder;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A monitoring station that reads every message of RFC 7854 to its last octet. */
public final class Collector implements AutoCloseable {
  private final ServerSocket server;
  private final List<Message> messages = new CopyOnWriteArrayList<>();

  /** Peers in another AS, whose updates have other attributes. */
  private final Set<Address> external = new HashSet<>();

  private volatile Socket socket;
  private volatile Exception failure;

  /** A message from the speaker. */
  public sealed interface Message {}

  /** Who speaks. */
  public record Initiation(Map<Integer, String> texts) implements Message {}

  /** Why it ends. */
  public record Termination(int reason) implements Message {}

  /** The per-peer header. */
  public record Peer(
      int type, int flags, Address address, long asNumber, Ipv4Address id, long seconds) {}

  /** A session has come up. */
  public record PeerUp(
      Peer peer,
      Address local,
      int localPort,
      int remotePort,
      BgpMessage.Open sent,
      BgpMessage.Open received)
      implements Message {}

  /** A session has ended; with the NOTIFICATION of reasons 1 and 3. */
  public record PeerDown(Peer peer, int reason, List<BgpMessage> data) implements Message {}

  /** Routes. */
  public record Routes(Peer peer, List<BgpMessage> update) implements Message {}

  /** Counters and gauges by their types. */
  public record Statistics(Peer peer, Map<Integer, Long> values) implements Message {}

  public Collector(String address) throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getByName(address));
    Thread.ofVirtual().start(this::serve);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** What has come; fails when something could not be read. */
  public List<Message> messages() {
    if (failure != null) {
      throw new AssertionError("not a BMP message", failure);
    }
    return messages;
  }

  /** Messages of one kind. */
  public <M extends Message> List<M> all(Class<M> kind) {
    return messages().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Cuts the connection off; the speaker connects again. */
  public void cut() throws IOException {
    socket.close();
  }

  private void serve() {
    try {
      while (true) {
        socket = server.accept();
        read(new DataInputStream(socket.getInputStream()));
      }
    } catch (IOException e) {
      // the server socket is closed
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void read(DataInputStream in) {
    try {
      while (true) {
        int version = in.readUnsignedByte();
        check(version == 3, "version " + version);
        int length = in.readInt();
        byte[] rest = new byte[length - 5];
        in.readFully(rest);
        ByteBuf message = Unpooled.wrappedBuffer(rest);
        messages.add(decode(message));
        check(!message.isReadable(), message.readableBytes() + " octets too many");
      }
    } catch (EOFException e) {
      // the speaker has gone
    } catch (IOException e) {
      // cut off
    }
  }

  private static void check(boolean right, String what) {
    if (!right) {
      throw new IllegalArgumentException(what);
    }
  }

  private Message decode(ByteBuf in) {
    int type = in.readUnsignedByte();
    return switch (type) {
      case 0 -> {
        Peer peer = peer(in);
        yield new Routes(peer, bgp(in, external.contains(peer.address())));
      }
      case 1 -> statistics(in);
      case 2 -> peerDown(in);
      case 3 -> peerUp(in);
      case 4 -> {
        Map<Integer, String> texts = new TreeMap<>();
        while (in.isReadable()) {
          int kind = in.readUnsignedShort();
          texts.put(
              kind, in.readCharSequence(in.readUnsignedShort(), StandardCharsets.UTF_8).toString());
        }
        yield new Initiation(texts);
      }
      case 5 -> {
        check(in.readUnsignedShort() == 1 && in.readUnsignedShort() == 2, "termination");
        yield new Termination(in.readUnsignedShort());
      }
      default -> throw new IllegalArgumentException("type " + type);
    };
  }

  private static Peer peer(ByteBuf in) {
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    check(in.readLong() == 0, "a distinguisher of a global peer");
    Address address = address(in, (flags & 0x80) != 0);
    long asNumber = in.readUnsignedInt();
    Ipv4Address id = (Ipv4Address) address(in.readSlice(4));
    long seconds = in.readUnsignedInt();
    check(in.readUnsignedInt() < 1_000_000, "microseconds");
    return new Peer(type, flags, address, asNumber, id, seconds);
  }

  private static Address address(ByteBuf in, boolean ipv6) {
    if (ipv6) {
      return address(in.readSlice(16));
    }
    check(in.readLong() == 0 && in.readInt() == 0, "padding of an IPv4 address");
    return address(in.readSlice(4));
  }

  private static Address address(ByteBuf octets) {
    byte[] bytes = new byte[octets.readableBytes()];
    octets.readBytes(bytes);
    return Address.ofBytes(bytes);
  }

  /** One BGP message, which fills what is left of its length. */
  private static List<BgpMessage> bgp(ByteBuf in) {
    return bgp(in, true);
  }

  private static List<BgpMessage> bgp(ByteBuf in, boolean external) {
    int length = in.getUnsignedShort(in.readerIndex() + 16);
    DecodeContext context =
        new DecodeContext(true, external, Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST));
    DecodeOutcome outcome = MessageDecoder.decode(in.readSlice(length), context);
    if (outcome instanceof DecodeOutcome.Decoded decoded && decoded.faults().isEmpty()) {
      return decoded.messages();
    }
    throw new IllegalArgumentException(outcome.toString());
  }

  private PeerUp peerUp(ByteBuf in) {
    Peer peer = peer(in);
    Address local = address(in, (peer.flags() & 0x80) != 0);
    int localPort = in.readUnsignedShort();
    int remotePort = in.readUnsignedShort();
    BgpMessage.Open sent = (BgpMessage.Open) bgp(in).getFirst();
    BgpMessage.Open received = (BgpMessage.Open) bgp(in).getFirst();
    if (sent.asNumber() != received.asNumber()) {
      external.add(peer.address());
    }
    return new PeerUp(peer, local, localPort, remotePort, sent, received);
  }

  private static PeerDown peerDown(ByteBuf in) {
    Peer peer = peer(in);
    int reason = in.readUnsignedByte();
    List<BgpMessage> data = new ArrayList<>();
    switch (reason) {
      case 1, 3 -> data.addAll(bgp(in));
      case 2 -> in.skipBytes(2);
      case 4, 5 -> {}
      default -> throw new IllegalArgumentException("reason " + reason);
    }
    return new PeerDown(peer, reason, data);
  }

  private static Statistics statistics(ByteBuf in) {
    Peer peer = peer(in);
    Map<Integer, Long> values = new TreeMap<>();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      int type = in.readUnsignedShort();
      int length = in.readUnsignedShort();
      check(length == 4 || length == 8, "a value of " + length + " octets");
      values.put(type, length == 4 ? in.readUnsignedInt() : in.readLong());
    }
    return new Statistics(peer, values);
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (socket != null) {
      socket.close();
    }
  }
}
