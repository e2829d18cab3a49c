package dev.manul.netlink;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes links of a namespace, each with what lies at its other end, and returns when they are
 * gone.
 *
 * <p>That is long before the kernel acknowledges a removal. First it sets the link down, takes it
 * out of all tables with its addresses and routes, and tells of that (RTM_DELLINK); then it waits,
 * some 20 ms, until no processor can be reading the link's memory any more (netdev_run_todo,
 * net/core/dev.c). Nothing of that wait can fail or be seen, so a thread of the removal's own
 * spends it.
 *
 * <p>Safe for use by many threads.
 */
public final class LinkRemover implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkRemover.class);

  /** So many removals are with the kernel at once; whoever comes then waits for one of them. */
  private static final int MOST_AT_ONCE = 64;

  private static final int SEND_BYTES = 256;
  private static final int RECEIVE_BYTES = 16 << 10;

  /** Links of the whole node may change meanwhile, and a change takes some 2 KiB here. */
  private static final int RECEIVE_BUFFER = 1 << 20;

  private static final long CALL_TIMEOUT_MILLIS = 10_000;

  private final NetworkNamespace namespace;
  private final LibC libc;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final ConcurrentLinkedDeque<Removal> idle = new ConcurrentLinkedDeque<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("link-removal-", 0).factory());
  private volatile boolean closed;

  public LinkRemover(NetworkNamespace namespace) {
    this(namespace, LibC.get());
  }

  LinkRemover(NetworkNamespace namespace, LibC libc) {
    this.namespace = namespace;
    this.libc = libc;
  }

  /**
   * Removes a link.
   *
   * @param index the link's number; one that is not there is no error
   * @throws NetlinkException when the kernel refuses, or says nothing for 10 s (ETIMEDOUT)
   */
  public void remove(int index) {
    places.acquireUninterruptibly();
    boolean taken = false;
    try {
      Removal lent = idle.pollFirst();
      Removal removal = lent == null ? namespace.call(Removal::new) : lent;
      CompletableFuture<Boolean> heard = removal.begin(index);
      taken = true;
      removal.await(index, heard);
    } finally {
      if (!taken) {
        places.release();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.shutdown();
    closeIdle();
  }

  private void closeIdle() {
    for (Removal removal = idle.pollFirst(); removal != null; removal = idle.pollFirst()) {
      removal.socket.close();
    }
  }

  /**
   * A socket, and what is written to it. Its caller reads from it until the link is gone, and only
   * then the thread that sends does.
   */
  private final class Removal {
    private final NetlinkSocket socket =
        NetlinkSocket.open(libc, RECEIVE_BUFFER, CALL_TIMEOUT_MILLIS, RECEIVE_BYTES);
    private final LibC.Memory message = libc.allocate(SEND_BYTES);
    private final MessageWriter writer = new MessageWriter(message.bytes());
    private int number;

    /**
     * Has the removal sent, which lasts as long as the kernel works on it.
     *
     * @return to be completed when the caller reads no more: whether the socket can be used again
     */
    CompletableFuture<Boolean> begin(int index) {
      var heard = new CompletableFuture<Boolean>();
      boolean sending = false;
      try {
        number = socket.sequences(1);
        writer.clear();
        writer.begin(
            LinkCodec.RTM_DELLINK, NetlinkSocket.NLM_F_REQUEST | NetlinkSocket.NLM_F_ACK, number);
        LinkCodec.writeIndex(writer, index);
        writer.end();
        socket.join(Group.LINK);
        threads.execute(() -> send(heard));
        sending = true;
      } finally {
        if (!sending) {
          socket.close();
        }
      }
      return heard;
    }

    private void send(CompletableFuture<Boolean> heard) {
      boolean sound = false;
      try {
        socket.send(message, writer.length());
        if (heard.join()) {
          socket.leave(Group.LINK);
          sound = emptied();
        }
      } catch (NetlinkException e) {
        LOG.atWarn().log("event=\"link removal not sent\" cause=\"{}\"", e.getMessage());
        boolean _ = heard.join();
      } finally {
        if (sound && !closed) {
          idle.addFirst(this);
        } else {
          socket.close();
        }
        places.release();
        if (closed) {
          closeIdle();
        }
      }
    }

    /** Reads away what nobody waits for: the acknowledgement, and changes of other links. */
    private boolean emptied() {
      int length;
      do {
        length = socket.receiveNow(LibC.MSG_DONTWAIT);
      } while (length >= 0 || length == -Errno.ENOBUFS.number());
      return length == -Errno.EAGAIN.number();
    }

    /** Waits until the link is gone or its removal is answered, whichever is first. */
    void await(int index, CompletableFuture<Boolean> heard) {
      boolean sound = false;
      try {
        int length;
        do {
          length = socket.receiveNow(0);
          // what is lost in a flood of changes, the acknowledgement makes up for
        } while (length == -Errno.ENOBUFS.number() || !isGone(index, length));
        sound = true;
      } finally {
        heard.complete(sound);
      }
    }

    private boolean isGone(int index, int received) {
      int length = NetlinkSocket.check("remove link " + index, NetlinkSocket.timedOut(received));
      ByteBuffer bytes = socket.bytes();
      for (int at = 0; length - at >= MessageWriter.HEADER + 8; ) {
        int size = bytes.getInt(at);
        if (size < MessageWriter.HEADER + 8 || size > length - at) {
          return false;
        }
        int type = bytes.getShort(at + 4) & 0xffff;
        int body = at + MessageWriter.HEADER;
        if (type == LinkCodec.RTM_DELLINK && LinkCodec.isRemovalOf(bytes, body, index)) {
          return true;
        }
        if (type == NetlinkSocket.NLMSG_ERROR && bytes.getInt(at + 8) == number) {
          int error = bytes.getInt(body);
          if (error != 0 && error != -Errno.ENODEV.number()) {
            throw new NetlinkException(
                "remove link " + index,
                new Errno(-error),
                NetlinkSocket.acknowledgementText(bytes, body, at + size));
          }
          return true;
        }
        at += size + 3 & ~3;
      }
      return false;
    }
  }
}
