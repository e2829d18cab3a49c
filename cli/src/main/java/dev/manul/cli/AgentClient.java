package dev.manul.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Asks the agent on its control socket: one HTTP/1.1 request a connection (RFC 9112), on a Unix
 * socket, which the JDK's own HTTP client cannot do.
 */
final class AgentClient {
  private static final int LONGEST_ANSWER = 64 << 20;

  private final Path socket;
  private final Duration limit;

  /**
   * @param socket the agent's control socket
   * @param limit how long an answer may take
   */
  AgentClient(Path socket, Duration limit) {
    this.socket = socket;
    this.limit = limit;
  }

  /** The body of the answer to {@code GET path}; the status is checked to be 200. */
  String get(String path) {
    byte[] answer;
    try {
      answer = exchange("GET " + path + " HTTP/1.1\r\nHost: manul\r\nConnection: close\r\n\r\n");
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.unreachable(
          "the agent does not answer on " + socket + ": " + cause(e) + "; is manul-agent running?");
    }
    return body(answer, path);
  }

  private static String cause(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : Main.oneLine(e.getMessage());
  }

  private byte[] exchange(String request) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
      while (out.hasRemaining()) {
        await(selector, deadline);
        channel.write(out);
      }
      key.interestOps(SelectionKey.OP_READ);
      return read(channel, selector, deadline);
    }
  }

  private byte[] read(SocketChannel channel, Selector selector, long deadline) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.allocate(1 << 16);
    while (true) {
      await(selector, deadline);
      int count = channel.read(in.clear());
      if (count < 0) {
        return answer.toByteArray();
      }
      answer.write(in.array(), 0, count);
      if (answer.size() > LONGEST_ANSWER) {
        throw new IOException("the answer is longer than " + LONGEST_ANSWER + " bytes");
      }
      if (count > 0 && whole(answer)) {
        return answer.toByteArray();
      }
    }
  }

  private void await(Selector selector, long deadline) throws IOException {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    selector.selectedKeys().clear();
    if (left <= 0 || selector.select(left) == 0) {
      throw new IOException("no answer within " + limit.toMillis() + " ms");
    }
  }

  /** Whether the answer says how long it is and all of it is there; else it lasts until the end. */
  private static boolean whole(ByteArrayOutputStream answer) {
    String text = answer.toString(StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    if (head < 0) {
      return false;
    }
    String length = header(text.substring(0, head), "content-length");
    return length.isEmpty()
        ? isChunked(text.substring(0, head)) && text.endsWith("\r\n0\r\n\r\n")
        : text.length() >= head + 4 + number(length, 10);
  }

  private String body(byte[] answer, String path) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    if (head < 0 || !text.startsWith("HTTP/1.")) {
      throw CommandFailure.unreachable("what answers on " + socket + " does not speak HTTP");
    }
    String status = text.substring(0, text.indexOf('\r'));
    if (status.contains(" 400")) {
      throw CommandFailure.failed("the agent refuses: " + Main.oneLine(content(text, head)));
    }
    if (!status.contains(" 200")) {
      throw CommandFailure.unreachable(
          "the agent on " + socket + " answers " + path + " with " + status);
    }
    return content(text, head);
  }

  private static String content(String text, int head) {
    String content = text.substring(head + 4);
    String plain = isChunked(text.substring(0, head)) ? unchunked(content) : content;
    return new String(plain.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static boolean isChunked(String head) {
    return header(head, "transfer-encoding").toLowerCase(Locale.ROOT).contains("chunked");
  }

  /** RFC 9112 section 7.1: each chunk after its length in hexadecimal; extensions are ignored. */
  private static String unchunked(String content) {
    StringBuilder plain = new StringBuilder(content.length());
    int at = 0;
    while (true) {
      int end = content.indexOf("\r\n", at);
      if (end < 0) {
        return plain.toString();
      }
      String size = content.substring(at, end);
      int semicolon = size.indexOf(';');
      int length = number(semicolon < 0 ? size : size.substring(0, semicolon), 16);
      if (length == 0) {
        return plain.toString();
      }
      int last = Math.min(content.length(), end + 2 + length);
      plain.append(content, end + 2, last);
      at = last + 2;
    }
  }

  private static String header(String head, String name) {
    for (String line : head.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
        return line.substring(colon + 1).strip();
      }
    }
    return "";
  }

  private static int number(String text, int radix) {
    try {
      return Math.max(0, Integer.parseInt(text.strip(), radix));
    } catch (NumberFormatException e) {
      throw CommandFailure.unreachable("the agent's answer has a bad length: " + text);
    }
  }
}
