package dev.manul.bgp;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageDecoder;
import dev.manul.bgp.wire.MessageEncoder;
import dev.manul.model.Ipv4Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A neighbour made of a plain socket, which says what a test wants it to say. */
final class RawPeer implements AutoCloseable {
  private EncodeContext encode = new EncodeContext(true);
  private DecodeContext decode = new DecodeContext(true, false, Set.of(Family.IPV4_UNICAST));

  private final Socket socket = new Socket();
  private final Ipv4Address address;

  RawPeer(String from, String to) throws IOException {
    address = Ipv4Address.parse(from);
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getByName(to), TestSpeaker.PORT), 5000);
    socket.setSoTimeout(Math.toIntExact(Duration.ofSeconds(10).toMillis()));
  }

  /** Speaks from now on as a session that has agreed on more than the usual. */
  RawPeer speaks(EncodeContext sending, DecodeContext receiving) {
    encode = sending;
    decode = receiving;
    return this;
  }

  void send(BgpMessage message) throws IOException {
    ByteBuf bytes = Unpooled.buffer();
    MessageEncoder.encode(message, encode, bytes);
    byte[] array = new byte[bytes.readableBytes()];
    bytes.readBytes(array);
    send(array);
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** An OPEN of AS 64512 with graceful restart. */
  Open open(boolean restarting, boolean forwarding) {
    return new Open(
        4,
        64512,
        90,
        address,
        List.of(
            new Capability.Multiprotocol(Family.IPV4_UNICAST),
            new Capability.FourOctetAs(64512),
            new Capability.GracefulRestart(
                restarting,
                false,
                60,
                List.of(new Capability.GracefulFamily(Family.IPV4_UNICAST, forwarding)))));
  }

  /** An OPEN of AS 64512 for IPv4 with these capabilities beside the usual two. */
  Open open(Capability... capabilities) {
    List<Capability> all = new ArrayList<>();
    all.add(new Capability.Multiprotocol(Family.IPV4_UNICAST));
    all.add(new Capability.FourOctetAs(64512));
    all.addAll(List.of(capabilities));
    return new Open(4, 64512, 90, address, all);
  }

  /** Brings a session up, as far as this end can tell. */
  void establish(Open open) throws IOException {
    send(open);
    assert receive() instanceof Open;
    send(new Keepalive());
    assert receive() instanceof Keepalive;
  }

  /** The next message; null at the end of the connection. */
  BgpMessage receive() throws IOException {
    while (true) {
      ByteBuf frame = frame();
      if (frame == null) {
        return null;
      }
      DecodeOutcome outcome = MessageDecoder.decode(frame, decode);
      if (!(outcome instanceof DecodeOutcome.Decoded decoded)) {
        throw new IOException(outcome.toString());
      }
      if (!decoded.messages().isEmpty()) {
        return decoded.messages().getFirst();
      }
    }
  }

  /** Everything up to the end of the connection. */
  List<BgpMessage> receiveAll() throws IOException {
    List<BgpMessage> all = new ArrayList<>();
    for (BgpMessage message = receive(); message != null; message = receive()) {
      all.add(message);
    }
    return all;
  }

  private ByteBuf frame() throws IOException {
    byte[] header = new byte[MessageDecoder.HEADER_LENGTH];
    try {
      int first = socket.getInputStream().readNBytes(header, 0, header.length);
      if (first < header.length) {
        return null;
      }
    } catch (EOFException | SocketException e) {
      return null;
    }
    int length = ((header[16] & 0xff) << 8) | (header[17] & 0xff);
    byte[] whole = Arrays.copyOf(header, length);
    socket.getInputStream().readNBytes(whole, header.length, length - header.length);
    return Unpooled.wrappedBuffer(whole);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
