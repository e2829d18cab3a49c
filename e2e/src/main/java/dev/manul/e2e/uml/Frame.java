package dev.manul.e2e.uml;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One message of a conversation with the guest, on the keeper's socket and on the serial line
 * alike.
 *
 * <pre>
 *   channel (4 octets) | type (1) | length of the body (4) | body
 * </pre>
 *
 * <p>A channel is one command. Its client sends {@code START}, then {@code INPUT} as it comes and
 * {@code INPUT_END}; the guest sends {@code OUTPUT} and {@code ERRORS} and, last of all, {@code
 * EXIT}.
 */
final class Frame {

  /** What a frame means. */
  enum Type {
    /** The guest's server is there; sent once, on channel 0. */
    READY(1),
    /** Run the {@link Request} in the body. */
    START(2),
    INPUT(3),
    INPUT_END(4),
    /** End the command and whatever it has started. */
    KILL(5),
    OUTPUT(6),
    ERRORS(7),
    /** The command has ended; the body is its exit status, four octets. */
    EXIT(8),
    /** Power the guest off; on channel 0. */
    SHUTDOWN(9);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    static Optional<Type> of(int code) {
      return Stream.of(values()).filter(type -> type.code == code).findFirst();
    }
  }

  private static final int MAX_BODY = 1 << 20;

  private final int channel;
  private final Type type;
  private final byte[] body;

  Frame(int channel, Type type, byte[] body) {
    this.channel = channel;
    this.type = type;
    this.body = body;
  }

  Frame(int channel, Type type) {
    this(channel, type, new byte[0]);
  }

  static Frame exit(int channel, int status) {
    return new Frame(
        channel,
        Type.EXIT,
        new byte[] {
          (byte) (status >> 24), (byte) (status >> 16), (byte) (status >> 8), (byte) status
        });
  }

  static Frame of(int channel, Type type, byte[] buffer, int length) {
    return new Frame(channel, type, Arrays.copyOf(buffer, length));
  }

  int channel() {
    return channel;
  }

  Type type() {
    return type;
  }

  byte[] body() {
    return body;
  }

  Frame onChannel(int other) {
    return new Frame(other, type, body);
  }

  /** The status in the body of an {@code EXIT}. */
  int exitStatus() {
    return (body[0] & 0xff) << 24
        | (body[1] & 0xff) << 16
        | (body[2] & 0xff) << 8
        | (body[3] & 0xff);
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeInt(channel);
    out.writeByte(type.code);
    out.writeInt(body.length);
    out.write(body);
    out.flush();
  }

  /** The next frame, or empty at the end of the stream. */
  static Optional<Frame> readFrom(DataInputStream in) throws IOException {
    int channel;
    try {
      channel = in.readInt();
    } catch (EOFException e) {
      return Optional.empty();
    }
    int code = in.readUnsignedByte();
    int length = in.readInt();
    Optional<Type> type = Type.of(code);
    if (type.isEmpty() || length < 0 || length > MAX_BODY) {
      throw new IOException("not a frame: type " + code + ", length " + length);
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return Optional.of(new Frame(channel, type.get(), body));
  }
}
