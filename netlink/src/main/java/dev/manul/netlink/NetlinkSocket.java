package dev.manul.netlink;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * A netlink socket that is connected to the kernel, so that nobody else can speak to it.
 *
 * <p>Not safe for use by several threads at once. Closing it from another thread is not allowed
 * either: the number of the descriptor might be in use again by then.
 */
final class NetlinkSocket implements AutoCloseable {

  static final int NLM_F_REQUEST = 1;
  static final int NLM_F_ACK = 4;
  static final int NLM_F_ECHO = 8;
  static final int NLM_F_DUMP_INTR = 0x10;
  static final int NLM_F_DUMP = 0x300;

  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;

  static final int NETLINK_ROUTE = 0;
  static final int NETLINK_NETFILTER = 12;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int NETLINK_DROP_MEMBERSHIP = 2;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int SOCKADDR_NL = 12;

  private static final int SEND_BUFFER = 256 << 10;

  /** The kernel's dumps come in pieces of at most 32 KiB. */
  private static final int RECEIVE_BYTES = 64 << 10;

  private final LibC libc;
  private final int fd;
  private final int port;
  private final LibC.Memory received;
  private int sequence;
  private boolean closed;

  private NetlinkSocket(LibC libc, int fd, int port, int receiveBytes) {
    this.libc = libc;
    this.fd = fd;
    this.port = port;
    this.received = libc.allocate(receiveBytes);
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @param receiveBufferBytes the size of its receive buffer
   * @param timeoutMillis how long one send or receive may last
   */
  static NetlinkSocket open(LibC libc, int receiveBufferBytes, long timeoutMillis) {
    return open(libc, receiveBufferBytes, timeoutMillis, RECEIVE_BYTES);
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @param receiveBytes the most octets of one receive; the kernel cuts its dumps into pieces of at
   *     most so many, but none smaller than 8 KiB
   */
  static NetlinkSocket open(
      LibC libc, int receiveBufferBytes, long timeoutMillis, int receiveBytes) {
    return open(libc, NETLINK_ROUTE, receiveBufferBytes, timeoutMillis, receiveBytes);
  }

  /**
   * As {@link #open(LibC, int, long, int)}, to a part of the kernel.
   *
   * @param protocol such as {@link #NETLINK_NETFILTER}
   */
  static NetlinkSocket open(
      LibC libc, int protocol, int receiveBufferBytes, long timeoutMillis, int receiveBytes) {
    int fd =
        check(
            "open a netlink socket",
            libc.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol));
    try {
      LibC.Memory address = libc.allocate(SOCKADDR_NL);
      address.bytes().putShort(0, (short) LibC.AF_NETLINK); // port 0: the kernel chooses
      check("bind a netlink socket", libc.bind(fd, address, SOCKADDR_NL));
      check("connect a netlink socket", libc.connect(fd, address, SOCKADDR_NL));
      check("name a netlink socket", libc.getsockname(fd, address, SOCKADDR_NL));
      int port = address.bytes().getInt(4);
      if (libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, receiveBufferBytes) < 0) {
        check(
            "size a netlink socket",
            libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_RCVBUF, receiveBufferBytes));
      }
      // A host may have set the usual size so low that a batch would be refused (EMSGSIZE).
      int _ = libc.setsockopt(fd, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, SEND_BUFFER);
      check("set a time limit", libc.setTimeout(fd, LibC.SO_RCVTIMEO, timeoutMillis));
      check("set a time limit", libc.setTimeout(fd, LibC.SO_SNDTIMEO, timeoutMillis));
      // Each of these is a convenience that old kernels lack: less to copy, words beside numbers,
      // dumps sorted out by the kernel (what it does not sort out is sorted out here again).
      int _ = libc.setsockopt(fd, LibC.SOL_NETLINK, NETLINK_CAP_ACK, 1);
      int _ = libc.setsockopt(fd, LibC.SOL_NETLINK, NETLINK_EXT_ACK, 1);
      int _ = libc.setsockopt(fd, LibC.SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
      return new NetlinkSocket(libc, fd, port, receiveBytes);
    } catch (RuntimeException e) {
      int _ = libc.close(fd);
      throw e;
    }
  }

  static int check(String attempted, int result) {
    if (result < 0) {
      throw new NetlinkException(attempted, new Errno(-result));
    }
    return result;
  }

  int fd() {
    return fd;
  }

  int port() {
    return port;
  }

  /** Numbers for messages, which none before had; gives the first of so many. */
  int sequences(int count) {
    int first = sequence + 1;
    sequence += count;
    return first;
  }

  void join(Group group) {
    check(
        "listen to " + group,
        libc.setsockopt(fd, LibC.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group.number()));
  }

  void leave(Group group) {
    check(
        "listen no more to " + group,
        libc.setsockopt(fd, LibC.SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, group.number()));
  }

  /** What was received last. */
  ByteBuffer bytes() {
    return received.bytes();
  }

  void send(LibC.Memory memory, int length) {
    int sent;
    do {
      sent = libc.send(fd, memory, length, 0);
    } while (sent == -Errno.EINTR.number());
    check("send to the kernel", timedOut(sent));
  }

  /**
   * Receives one datagram into {@link #bytes}.
   *
   * @return its length
   * @throws NetlinkException also ETIMEDOUT, and ENOBUFS when messages were lost
   */
  int receive() {
    return check("receive from the kernel", timedOut(receiveNow(0)));
  }

  /** As {@link #receive}, with flags, and with the negative error number for a result. */
  int receiveNow(int flags) {
    int length;
    do {
      length = libc.recv(fd, received, received.bytes().capacity(), flags | LibC.MSG_TRUNC);
    } while (length == -Errno.EINTR.number());
    return length > received.bytes().capacity() ? -Errno.ENOBUFS.number() : length;
  }

  /** A socket's own time limit, by the name of what it means here. */
  static int timedOut(int result) {
    return result == -Errno.EAGAIN.number() ? -Errno.ETIMEDOUT.number() : result;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      int _ = libc.close(fd);
    }
  }

  /** What is done with a message that was received. */
  @FunctionalInterface
  interface MessageReader {
    /**
     * Reads one message.
     *
     * @param type the message's type
     * @param from where its body begins
     * @param to where it ends
     */
    void read(ByteBuffer bytes, int type, int from, int to);
  }

  /** What is done with an error that the kernel answered. */
  @FunctionalInterface
  interface ErrorReader {
    /**
     * Reads one error.
     *
     * @param number of the message that failed
     * @param from where the answer's body begins
     * @param to where it ends
     */
    void read(int number, Errno errno, int from, int to);
  }

  /**
   * Reads the answers to messages, up to that to the last, which must ask for one.
   *
   * @param what was attempted, for the error's text
   * @param first the number of the first message
   * @param timeoutNanos how long the answer to the last may be waited for
   */
  void readAnswers(String what, int first, int last, long timeoutNanos, ErrorReader errors) {
    long deadline = System.nanoTime() + timeoutNanos;
    while (System.nanoTime() - deadline < 0) {
      int length = receive();
      ByteBuffer bytes = bytes();
      for (int at = 0; length - at >= MessageWriter.HEADER + 4; ) {
        int size = bytes.getInt(at);
        if (size < MessageWriter.HEADER + 4 || size > length - at) {
          break;
        }
        int answered = bytes.getInt(at + 8);
        boolean ours = answered - first >= 0 && answered - last <= 0;
        if (ours && (bytes.getShort(at + 4) & 0xffff) == NLMSG_ERROR) {
          int body = at + MessageWriter.HEADER;
          int error = bytes.getInt(body);
          if (error < 0) {
            errors.read(answered, new Errno(-error), body, at + size);
          }
          if (answered == last) {
            return;
          }
        }
        at += size + 3 & ~3;
      }
    }
    throw new NetlinkException(what, Errno.ETIMEDOUT);
  }

  /** The text of an extended acknowledgement (NLMSGERR_ATTR_MSG); empty when there is none. */
  static String acknowledgementText(ByteBuffer bytes, int from, int to) {
    final int nlmsgerrAttrMsg = 1;
    // With NETLINK_CAP_ACK a struct nlmsgerr is the error and the header of the request.
    Attributes attributes = new Attributes(bytes).over(from + 4 + MessageWriter.HEADER, to);
    while (attributes.next()) {
      if (attributes.type() == nlmsgerrAttrMsg) {
        return attributes.text();
      }
    }
    return "";
  }

  /**
   * Reads the answer to a dump, to its end.
   *
   * @param what what is dumped, for the error's text
   * @param inTime false when the dump has taken too long
   * @return true when it is consistent, false when it was interrupted by a change
   */
  boolean readDump(String what, int sequence, BooleanSupplier inTime, MessageReader reader) {
    boolean consistent = true;
    while (inTime.getAsBoolean()) {
      int length = receive();
      ByteBuffer bytes = bytes();
      for (int at = 0; length - at >= MessageWriter.HEADER; ) {
        int size = bytes.getInt(at);
        if (size < MessageWriter.HEADER || size > length - at) {
          break;
        }
        if (bytes.getInt(at + 8) == sequence) {
          int type = bytes.getShort(at + 4) & 0xffff;
          int body = at + MessageWriter.HEADER;
          if ((bytes.getShort(at + 6) & NLM_F_DUMP_INTR) != 0) {
            consistent = false;
          }
          if (type == NLMSG_DONE || type == NLMSG_ERROR) {
            int error = size >= MessageWriter.HEADER + 4 ? bytes.getInt(body) : 0;
            if (error == -Errno.EINTR.number()) {
              return false;
            }
            if (error < 0) {
              String detail = type == NLMSG_DONE ? "" : acknowledgementText(bytes, body, at + size);
              throw new NetlinkException(what, new Errno(-error), detail);
            }
            return consistent;
          }
          reader.read(bytes, type, body, at + size);
        }
        at += size + 3 & ~3;
      }
    }
    throw new NetlinkException(what, Errno.ETIMEDOUT);
  }
}
