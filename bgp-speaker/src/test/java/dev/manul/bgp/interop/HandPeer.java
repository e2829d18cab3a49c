package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HexFormat;

/** A socket to a {@code manul-bgp} on 127.0.99.1, and messages in hexadecimal digits. */
final class HandPeer implements AutoCloseable {
  private static final String MARKER = "ff".repeat(16);

  private final Socket socket = new Socket();

  HandPeer(String from) throws IOException {
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.99.1"), 1790), 5000);
    socket.setSoTimeout(20_000);
  }

  void send(String message) throws IOException {
    socket.getOutputStream().write(HexFormat.of().parseHex(MARKER + message.replace(" ", "")));
  }

  void send(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
  }

  void update(String withdrawn, String attributes, String announced) throws IOException {
    String w = withdrawn.replace(" ", "");
    String a = attributes.replace(" ", "");
    String body = "%04x%s%04x%s%s".formatted(w.length() / 2, w, a.length() / 2, a, announced);
    send("%04x02%s".formatted(19 + body.length() / 2, body));
  }

  /** Type and body of the next message of that type, in hexadecimal digits. */
  String await(int type) throws IOException {
    InputStream in = socket.getInputStream();
    while (true) {
      byte[] header = in.readNBytes(19);
      assertThat(header).as("the connection is open").hasSize(19);
      byte[] body = in.readNBytes(((header[16] & 0xff) << 8 | (header[17] & 0xff)) - 19);
      if (header[18] == type) {
        return HexFormat.of().formatHex(body);
      }
    }
  }

  /** Sends to a stranger's connection, which may be closed at any moment. */
  void sendIfOpen(String message) {
    try {
      send(message);
    } catch (IOException e) {
      assertThat(hasEnded()).isTrue();
    }
  }

  /** Whether the other end has closed the connection or reset it; what it says is passed over. */
  boolean hasEnded() {
    try {
      socket.setSoTimeout(500);
      int octet = socket.getInputStream().read();
      while (octet >= 0) {
        octet = socket.getInputStream().read();
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
