package dev.manul.bgp.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Answers GET requests with JSON, over HTTP/1.1 on Unix sockets and TCP ports.
 *
 * <p>One event loop reads and writes; each question is answered on a virtual thread of its own, so
 * that an answer may wait for another thread without holding up the next question.
 */
public final class JsonServer implements AutoCloseable {
  private static final int MAX_REQUEST = 8192;
  private static final int IDLE_SECONDS = 60;

  /** What {@code sockaddr_un} has room for, the final zero left out. */
  private static final int MAX_SOCKET_PATH = 107;

  private final Handler handler;
  private final EventLoopGroup loop;
  private final List<Channel> listening = new CopyOnWriteArrayList<>();

  /** Answers a request by its decoded path, without the query. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Called on a virtual thread. An IllegalArgumentException becomes 400 with its message.
     *
     * @return empty for 404
     */
    Optional<Answer> answer(String path);

    /**
     * As {@link #answer(String)}, for those who look at the query as well.
     *
     * @param query the decoded values by their names
     */
    default Optional<Answer> answer(String path, Map<String, List<String>> query) {
      return answer(path);
    }
  }

  /**
   * A body that is no JSON.
   *
   * @param type its media type
   */
  public record Text(String type, String text) {}

  /**
   * A body of any length, that is written as it comes to be.
   *
   * @param type its media type
   */
  public record Stream(String type, Writing writing) {}

  /** Writes a body. */
  @FunctionalInterface
  public interface Writing {
    /** Called on a virtual thread; writing waits for the client. */
    void to(OutputStream out) throws IOException;
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param body what Jackson can write, or a {@link Text} or {@link Stream}
   */
  public record Answer(int status, Object body) {
    /** An answer of status 200. */
    public static Optional<Answer> ok(Object body) {
      return Optional.of(new Answer(200, body));
    }
  }

  /** A server that listens nowhere yet. */
  public JsonServer(Handler handler) {
    this.handler = handler;
    loop =
        new MultiThreadIoEventLoopGroup(
            1,
            Thread.ofPlatform().daemon().name("json-server").factory(),
            EpollIoHandler.newFactory());
  }

  /**
   * Listens on a Unix socket that only its owner may use. The file that a dead process left is
   * replaced; the file is removed on close.
   *
   * @throws IOException naming the path, when another process listens there or the path cannot be a
   *     socket
   */
  public void listen(Path socket) throws IOException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
      throw new IOException(
          "cannot listen on "
              + socket
              + ": a path of at most "
              + MAX_SOCKET_PATH
              + " octets is allowed");
    }
    if (socket.getParent() != null) {
      Files.createDirectories(socket.getParent());
    }
    removeStale(socket);
    bind(EpollServerDomainSocketChannel.class, new DomainSocketAddress(socket.toFile()), handler);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
  }

  /**
   * Listens on a TCP address; gives the one bound, with its port when port 0 was asked for.
   *
   * @throws IOException naming the address, when it cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    return listen(address, handler);
  }

  /**
   * As {@link #listen(InetSocketAddress)}, for questions that others answer than those on the Unix
   * socket: whoever reaches a TCP port may ask there.
   */
  public InetSocketAddress listen(InetSocketAddress address, Handler answering) throws IOException {
    return (InetSocketAddress)
        bind(EpollServerSocketChannel.class, address, answering).localAddress();
  }

  private Channel bind(
      Class<? extends ServerChannel> type, SocketAddress address, Handler answering)
      throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(type)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    connection
                        .pipeline()
                        .addLast(
                            new ReadTimeoutHandler(IDLE_SECONDS),
                            new HttpServerCodec(),
                            new HttpObjectAggregator(MAX_REQUEST),
                            new JsonHandler(answering));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    listening.add(bound.channel());
    return bound.channel();
  }

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
      Files.deleteIfExists(socket); // nobody answers
      return;
    }
    throw new IOException("cannot listen on " + socket + ": another process listens there");
  }

  /** Stops listening and ends open connections. */
  @Override
  public void close() {
    // A Unix socket's file goes with its channel; ending the loop alone may leave it.
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
