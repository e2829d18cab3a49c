package dev.manul.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Asks an agent: one HTTP/1.1 request a connection (RFC 9112), on its Unix socket, which the JDK's
 * own HTTP client cannot do.
 */
final class AgentClient {
  private static final int LONGEST_ANSWER = 64 << 20;

  private final AgentLine line;
  private final Duration limit;

  /**
   * @param socket the agent's control socket
   * @param limit how long an answer may take
   */
  AgentClient(Path socket, Duration limit) {
    this(new SocketLine(socket), limit);
  }

  /**
   * @param line the way to the agent
   * @param limit how long an answer may take
   */
  AgentClient(AgentLine line, Duration limit) {
    this.line = line;
    this.limit = limit;
  }

  /** The way to the agent. */
  AgentLine line() {
    return line;
  }

  private static String request(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: manul\r\nConnection: close\r\n\r\n";
  }

  /** The body of the answer to {@code GET path}; the status is checked to be 200. */
  String get(String path) {
    byte[] answer;
    try (InputStream in = line.ask(request(path), limit)) {
      answer = read(in);
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.unreachable(
          "the agent does not answer " + line.place() + ": " + cause(e) + line.advice());
    }
    return body(answer, path);
  }

  /** Writes the body of the answer to {@code GET path} as it comes, however long it is. */
  void download(String path, OutputStream out) {
    try (InputStream in = line.ask(request(path), limit)) {
      copy(in, path, out);
    } catch (IOException e) {
      throw CommandFailure.unreachable("no answer " + line.place() + ": " + cause(e));
    }
  }

  private void copy(InputStream in, String path, OutputStream out) throws IOException {
    String status = nextLine(in);
    String head = "";
    for (String next = nextLine(in); !next.isEmpty(); next = nextLine(in)) {
      head += next + "\r\n";
    }
    if (!status.contains(" 200")) {
      throw CommandFailure.unreachable(
          "the agent " + line.place() + " answers " + path + " with " + status);
    }
    if (!isChunked(head)) {
      var _ = in.transferTo(out);
      return;
    }
    for (int left = number(nextLine(in), 16); left > 0; left = number(nextLine(in), 16)) {
      out.write(in.readNBytes(left));
      var _ = nextLine(in);
    }
  }

  private static String nextLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the answer ends too soon");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  static String cause(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : Main.oneLine(e.getMessage());
  }

  private byte[] read(InputStream in) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    Answer answer = new Answer();
    byte[] piece = new byte[1 << 16];
    while (true) {
      int count = in.read(piece);
      if (count < 0) {
        return answer.toByteArray();
      }
      answer.add(piece, count);
      if (answer.size() > LONGEST_ANSWER) {
        throw new IOException("the answer is longer than " + LONGEST_ANSWER + " bytes");
      }
      if (whole(answer)) {
        return answer.toByteArray();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("no whole answer within " + limit.toMillis() + " ms");
      }
    }
  }

  /** Whether the answer says how long it is and all of it is there; else it lasts until the end. */
  private static boolean whole(Answer answer) {
    if (answer.head < 0) {
      return false;
    }
    String head = answer.text(0, answer.head);
    String length = header(head, "content-length");
    return length.isEmpty()
        ? isChunked(head) && answer.endsWith("\r\n0\r\n\r\n")
        : answer.size() >= answer.head + 4 + number(length, 10);
  }

  /** What has come so far. */
  private static final class Answer extends ByteArrayOutputStream {
    private static final int MOST_OF_A_HEAD = 1 << 16;

    /** Where the head ends; negative before all of it is there. */
    private int head = -1;

    void add(byte[] bytes, int length) {
      write(bytes, 0, length);
      if (head < 0) {
        head = text(0, Math.min(count, MOST_OF_A_HEAD)).indexOf("\r\n\r\n");
      }
    }

    String text(int from, int to) {
      return new String(buf, from, to - from, StandardCharsets.ISO_8859_1);
    }

    boolean endsWith(String end) {
      return count >= end.length() && text(count - end.length(), count).equals(end);
    }
  }

  private String body(byte[] answer, String path) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    if (head < 0 || !text.startsWith("HTTP/1.")) {
      throw CommandFailure.unreachable("what answers " + line.place() + " does not speak HTTP");
    }
    String status = text.substring(0, text.indexOf('\r'));
    if (status.contains(" 400") || (status.contains(" 404") && isQuestionOfBgp(path))) {
      throw CommandFailure.failed("the agent refuses: " + Main.oneLine(content(text, head)));
    }
    if (!status.contains(" 200")) {
      throw CommandFailure.unreachable(
          "the agent " + line.place() + " answers " + path + " with " + status);
    }
    return content(text, head);
  }

  /** There a 404 is about something that was named, such as a neighbour. */
  private static boolean isQuestionOfBgp(String path) {
    return path.startsWith("/v1/bgp/neighbors/");
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
