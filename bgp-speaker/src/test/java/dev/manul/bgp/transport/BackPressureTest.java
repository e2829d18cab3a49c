package dev.manul.bgp.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.bgp.session.Link;
import dev.manul.bgp.wire.DecodeOutcome;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A neighbour that sends faster than the core thread works is not read from meanwhile. */
class BackPressureTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MESSAGES = 200_000;
  private static final int KEEPALIVE_OCTETS = 19;
  private static final int READ_OCTETS = 16 * 1024;

  /** The most that a {@link NettyLink} lets wait, and what one more read brings. */
  private static final int MOST_UNREAD = 2048 + READ_OCTETS / KEEPALIVE_OCTETS + 1;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

  private final AtomicReference<NettyLink> link = new AtomicReference<>();
  private final Receiver receiver = new Receiver();

  /** Takes what comes; while it stands still, it does not say that it has dealt with it. */
  private static final class Receiver implements Link.Listener {
    private final AtomicInteger taken = new AtomicInteger();
    private volatile boolean standsStill = true;

    @Override
    public void received(Link from, List<DecodeOutcome> batch) {
      taken.addAndGet(batch.size());
      if (!standsStill) {
        from.consumed(batch.size());
      }
    }

    @Override
    public void writable(Link from) {}

    @Override
    public void closed(Link from, String reason) {}
  }

  @AfterEach
  void end() {
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void readingStopsWhileTheCoreThreadIsBehindAndGoesOnAfterwards() throws Exception {
    Channel server = listen();
    Thread sender = Thread.ofVirtual().start(() -> send((InetSocketAddress) server.localAddress()));

    await().atMost(LIMIT).until(() -> receiver.taken.get() > MOST_UNREAD / 2);
    for (int turn = 0; turn < 10_000; turn++) {
      var _ = group.next().submit(() -> {}).sync();
    }
    assertThat(receiver.taken.get()).isLessThanOrEqualTo(MOST_UNREAD);
    assertThat(sender.isAlive()).as("waits for the rest to be read").isTrue();

    group
        .next()
        .submit(
            () -> {
              receiver.standsStill = false;
              link.get().consumed(receiver.taken.get());
            })
        .sync();
    await().atMost(LIMIT).until(() -> receiver.taken.get() == MESSAGES);
    sender.join();
  }

  private static void send(InetSocketAddress to) {
    byte[] keepalive = new byte[KEEPALIVE_OCTETS];
    Arrays.fill(keepalive, 0, 16, (byte) 0xff);
    keepalive[17] = KEEPALIVE_OCTETS;
    keepalive[18] = 4;
    byte[] many = new byte[KEEPALIVE_OCTETS * MESSAGES];
    for (int at = 0; at < many.length; at += KEEPALIVE_OCTETS) {
      System.arraycopy(keepalive, 0, many, at, KEEPALIVE_OCTETS);
    }
    try (Socket socket = new Socket()) {
      socket.setSendBufferSize(READ_OCTETS);
      socket.connect(to);
      socket.getOutputStream().write(many);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Channel listen() throws InterruptedException {
    return new ServerBootstrap()
        .group(group)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_RCVBUF, READ_OCTETS)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_OCTETS))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                Outbox outbox = new Outbox(channel.eventLoop());
                link.set(new NettyLink(channel, Runnable::run, outbox));
                link.get().listener(receiver);
                var _ = channel.pipeline().addLast(new LinkHandler(link.get()));
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel();
  }
}
