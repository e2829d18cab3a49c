package dev.manul.bgp.bmp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a station, which says nothing (RFC 7854 section 3.2). Called on the core
 * thread; messages are written on the event loop.
 */
final class StationLink {
  private static final Logger log = LoggerFactory.getLogger(StationLink.class);
  private static final int CONNECT_MILLIS = 5_000;

  /** Above so many messages on their way, a dump pauses. */
  private static final int MOST_PENDING = 64;

  private static final int FEW_PENDING = 16;

  /** A station that is so far behind is given up, and told everything anew later. */
  private static final long MOST_OCTETS = 64L << 20;

  private static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 1, 8192, 4, 0, 0, false);

  private final Executor core;
  private final Channel channel;
  private final Events events;
  private final AtomicInteger pending = new AtomicInteger();

  /** What becomes of it; on the core thread. */
  interface Events {
    void connected();

    /** There is room again. */
    void writable();

    /** It could not be made, or has ended. */
    void ended(String reason);
  }

  /** Starts to connect. */
  StationLink(BmpStation station, EventLoop loop, Executor core, Events events) {
    this.core = core;
    this.events = events;
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.ALLOCATOR, ALLOCATOR)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark.DEFAULT)
            .handler(new Silent())
            .connect(new InetSocketAddress(inet(station), station.port()));
    channel = connecting.channel();
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            core.execute(events::connected);
            channel.closeFuture().addListener(closed -> ended("connection closed"));
          } else {
            ended(String.valueOf(done.cause().getMessage()));
          }
        });
  }

  private static InetAddress inet(BmpStation station) {
    try {
      return InetAddress.getByAddress(station.address().toBytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }

  private void ended(String reason) {
    core.execute(() -> events.ended(reason));
  }

  /** Sends what the writer writes; ignored once the connection has ended. */
  void send(Consumer<ByteBuf> writer) {
    pending.incrementAndGet();
    channel.eventLoop().execute(() -> write(writer));
  }

  private void write(Consumer<ByteBuf> writer) {
    ByteBuf out = channel.alloc().directBuffer(512);
    try {
      writer.accept(out);
    } catch (RuntimeException e) {
      out.clear();
      log.error("message to a station not sent", e);
    }
    channel.writeAndFlush(out).addListener(done -> sent());
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    if (waiting != null && waiting.totalPendingWriteBytes() > MOST_OCTETS) {
      log.warn("station given up, it is too slow station={}", channel.remoteAddress());
      close();
    }
  }

  private void sent() {
    if (pending.decrementAndGet() == FEW_PENDING) {
      core.execute(events::writable);
    }
  }

  boolean writable() {
    return pending.get() < MOST_PENDING;
  }

  /** Ends the connection after what has been sent. */
  void close() {
    channel
        .eventLoop()
        .execute(() -> channel.close().addListener(done -> log.trace("closed {}", channel)));
  }

  /** Whatever a station says is not for us. */
  private static final class Silent extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("connection to a station failed cause=\"{}\"", cause.toString());
      var _ = context.close();
    }
  }
}
