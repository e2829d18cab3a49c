package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the host's program sends: the environment that it was called with, and its standard input.
 *
 * <p>On the wire: a length of 32 bits, then {@code manul-cni/1}, {@code KEY=VALUE} for each
 * variable and one empty string, each ended by a zero octet, then the input as it is. An answer is
 * a length, an octet with the exit status, and the text for the standard output.
 *
 * @param environment the CNI_* variables
 * @param input the network's configuration, JSON
 */
record Frame(Map<String, String> environment, String input) {

  /** The most octets of a frame. */
  static final int MOST = 1 << 20;

  private static final String GREETING = "manul-cni/1";

  private static final Set<String> VARIABLES =
      Set.of(
          "CNI_COMMAND",
          "CNI_CONTAINERID",
          "CNI_NETNS",
          "CNI_IFNAME",
          "CNI_ARGS",
          "CNI_PATH",
          "CNI_NETNS_OVERRIDE");

  Frame {
    environment = Map.copyOf(environment);
  }

  /**
   * Reads one frame.
   *
   * @throws IOException when the connection ends or fails before the frame is whole
   * @throws CniException when it is no frame
   */
  static Frame read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int length = data.readInt();
    if (length < 0 || length > MOST) {
      throw new CniException(
          Code.DECODING_FAILURE,
          "a request has at most " + MOST + " octets, not " + Integer.toUnsignedString(length));
    }
    byte[] body = data.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the request ended after " + body.length + " of " + length);
    }
    return parse(body);
  }

  private static Frame parse(byte[] body) {
    int at = 0;
    Map<String, String> environment = new HashMap<>();
    for (boolean first = true; ; first = false) {
      int end = at;
      while (end < body.length && body[end] != 0) {
        end++;
      }
      if (end == body.length) {
        throw new CniException(Code.DECODING_FAILURE, "the request ends within its environment");
      }
      String text = new String(body, at, end - at, StandardCharsets.UTF_8);
      at = end + 1;
      if (first) {
        if (!text.equals(GREETING)) {
          throw new CniException(
              Code.DECODING_FAILURE,
              "the request does not begin with " + GREETING + "; is the program of this version?");
        }
      } else if (text.isEmpty()) {
        return new Frame(
            environment, new String(body, at, body.length - at, StandardCharsets.UTF_8));
      } else {
        int equals = text.indexOf('=');
        if (equals > 0 && VARIABLES.contains(text.substring(0, equals))) {
          environment.put(text.substring(0, equals), text.substring(equals + 1));
        }
      }
    }
  }

  /** A variable, or "". */
  String variable(String name) {
    return environment.getOrDefault(name, "");
  }

  /** Writes an answer. */
  static void answer(OutputStream out, Answer answer) throws IOException {
    byte[] text = answer.text().getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(5 + text.length);
    frame.putInt(1 + text.length).put((byte) (answer.success() ? 0 : 1)).put(text);
    out.write(frame.array());
    out.flush();
  }

  /**
   * What the host's program is to print and how it is to end.
   *
   * @param success whether the exit status is 0
   * @param text for the standard output, may be empty
   */
  record Answer(boolean success, String text) {}
}
