package dev.manul.cni;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Unix socket: takes connections of root, one request each. The threads that serve requests
 * take the connections themselves, so that a request is not handed over before it is served; there
 * is always one that waits for the next, up to a limit, and those there once were stay.
 */
final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** How many requests are served at once. */
  private static final int WORKERS = 16;

  /** Connections that the kernel keeps for us until a worker takes them. */
  private static final int WAITING = 1024;

  /** A program on the same machine that has not sent its request by then will not. */
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final CniOptions options;
  private final Verbs verbs;
  private final UserPrincipal root;
  private final ThreadPoolExecutor workers;
  private final AtomicInteger idle = new AtomicInteger();
  private final Map<SocketChannel, Long> reading = new ConcurrentHashMap<>();
  private final ServerSocketChannel server;

  Listener(CniOptions options, Verbs verbs) throws IOException {
    this.options = options;
    this.verbs = verbs;
    this.root = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
    this.workers =
        new ThreadPoolExecutor(
            0,
            WORKERS,
            0,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("cni-worker-", 0).factory());
    this.server = listen(options.socket());
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    Path directory = socket.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    removeStale(socket);
    Path closed = socket.resolveSibling("." + socket.getFileName());
    Files.deleteIfExists(closed);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(closed), WAITING);
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rw-------"));
      Files.move(closed, socket, StandardCopyOption.ATOMIC_MOVE); // nobody connects before
      return server;
    } catch (IOException e) {
      server.close();
      throw new IOException("cannot listen on " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Removes the socket that a dead process left; one that is answered is somebody's. */
  private static void removeStale(Path socket) throws IOException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isRegularFile(socket) || Files.isDirectory(socket)) {
      throw new IOException("cannot listen on " + socket + ": a file that is no socket is there");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      Files.deleteIfExists(socket);
      return;
    }
    throw new IOException("cannot listen on " + socket + ": another process listens there");
  }

  void start() {
    oneMore();
    LOG.atInfo().log("event=listening socket={}", options.socket());
  }

  /** One more worker, unless there are as many as there may be. */
  private void oneMore() {
    idle.incrementAndGet();
    try {
      workers.execute(this::attend);
    } catch (RejectedExecutionException _) {
      idle.decrementAndGet(); // those there are come back for what waits
    }
  }

  /** A worker's life. It is idle when it comes here. */
  private void attend() {
    while (true) {
      try {
        SocketChannel connection = server.accept();
        if (idle.decrementAndGet() == 0) {
          oneMore();
        }
        admit(connection);
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException e) {
        // too many files open, perhaps: the others end some time
        idle.decrementAndGet();
        LOG.atError().log("event=accept problem={}", e.toString());
        Thread.onSpinWait();
      }
      int _ = idle.incrementAndGet();
    }
  }

  private void admit(SocketChannel connection) {
    try {
      UserPrincipal peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
      if (peer.equals(root)) {
        reading.put(connection, System.nanoTime());
        serve(connection);
      } else {
        LOG.atWarn().log("event=refused user={}", peer.getName());
        connection.close();
      }
    } catch (IOException e) {
      LOG.atDebug().log("event=admit problem={}", e.toString());
      close(connection);
    }
  }

  private void serve(SocketChannel connection) {
    try {
      Frame frame = Frame.read(Channels.newInputStream(connection));
      reading.remove(connection);
      verbs.serve(frame, answer -> answer(connection, answer));
    } catch (CniException e) {
      answer(connection, new Frame.Answer(false, Json.text(CniResult.error("", e))));
    } catch (AsynchronousCloseException e) {
      LOG.atWarn().log("event=request problem=\"it did not come in time\"");
    } catch (IOException e) {
      LOG.atDebug().log("event=request problem={}", e.toString());
    } finally {
      close(connection);
    }
  }

  private static void answer(SocketChannel connection, Frame.Answer answer) {
    try {
      Frame.answer(Channels.newOutputStream(connection), answer);
    } catch (IOException e) {
      // whoever asked is gone; the runtime will ask again, or delete
      LOG.atDebug().log("event=answer problem={}", e.toString());
    }
  }

  private void close(SocketChannel connection) {
    reading.remove(connection);
    try {
      connection.close();
    } catch (IOException e) {
      LOG.atDebug().log("event=close problem={}", e.toString());
    }
  }

  /** Ends connections whose request does not come. */
  void closeSlow() {
    long now = System.nanoTime();
    reading.forEach(
        (connection, since) -> {
          if (now - since > SLOW_NANOS) {
            close(connection);
          }
        });
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(options.socket());
    } catch (IOException e) {
      LOG.atWarn().log("event=close socket={} problem={}", options.socket(), e.toString());
    }
    workers.shutdown();
    try {
      if (!workers.awaitTermination(options.timeLimit().toMillis(), TimeUnit.MILLISECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
