package dev.manul.bgp.transport;

import dev.manul.bgp.session.Link;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.MessageEncoder;
import dev.manul.bgp.wire.UpdateBatch;
import dev.manul.model.Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP connection with the codec around it. */
final class NettyLink implements Link {
  private static final Logger log = LoggerFactory.getLogger(NettyLink.class);

  /** Above so many messages on their way, the core thread is asked to wait. */
  private static final int MOST_PENDING = 64;

  private static final int FEW_PENDING = 16;

  /** Above so many messages that the core thread has not dealt with, reading pauses. */
  private static final int MOST_UNREAD = 2048;

  private static final int FEW_UNREAD = 512;

  /** Above so many, what is sent to several goes on without this one. */
  private static final int OVERFULL = 4096;

  /** How long the other end may take to close after we have. */
  private static final long LINGER_MILLIS = 1000;

  private final Channel channel;
  private final Executor core;
  private final Outbox outbox;
  private final Address remoteAddress;
  private final Address localAddress;
  private final int remotePort;
  private final int localPort;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong written = new AtomicLong();
  private final AtomicInteger unread = new AtomicInteger();
  private final AtomicBoolean waitsForRoom = new AtomicBoolean();

  /** Core thread only. */
  private Link.Listener listener;

  /** Event loop only. */
  private DecodeContext decodeContext = DecodeContext.BEFORE_OPEN;

  /** Event loop only. */
  private EncodeContext encodeContext = new EncodeContext(false);

  /** Event loop only. */
  private boolean paused;

  /** Event loop only: what still comes is of no interest. */
  private boolean closing;

  NettyLink(Channel channel, Executor core, Outbox outbox) {
    this.channel = channel;
    this.core = core;
    this.outbox = outbox;
    this.remoteAddress = addressOf((InetSocketAddress) channel.remoteAddress());
    this.localAddress = addressOf((InetSocketAddress) channel.localAddress());
    this.remotePort = ((InetSocketAddress) channel.remoteAddress()).getPort();
    this.localPort = ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private static Address addressOf(InetSocketAddress socketAddress) {
    return Address.ofBytes(socketAddress.getAddress().getAddress());
  }

  Channel channel() {
    return channel;
  }

  /** On the core thread. */
  void listener(Link.Listener value) {
    listener = value;
  }

  @Override
  public Address remoteAddress() {
    return remoteAddress;
  }

  @Override
  public Address localAddress() {
    return localAddress;
  }

  @Override
  public int remotePort() {
    return remotePort;
  }

  @Override
  public int localPort() {
    return localPort;
  }

  @Override
  public void send(List<BgpMessage> messages) {
    pending.addAndGet(messages.size());
    outbox.add(() -> write(messages));
  }

  @Override
  public void send(UpdateBatch batch, Object neighbor) {
    int count = batch.count(neighbor);
    pending.addAndGet(count);
    outbox.add(
        () -> {
          List<ByteBuf> parts = batch.take(neighbor, encodeContext, channel.alloc());
          ByteBuf last = parts.isEmpty() ? Unpooled.EMPTY_BUFFER : parts.removeLast();
          for (ByteBuf part : parts) {
            var _ = channel.write(part, channel.voidPromise());
          }
          write(last, count);
        });
  }

  private void write(List<BgpMessage> messages) {
    ByteBuf bytes = channel.alloc().directBuffer(256);
    for (BgpMessage message : messages) {
      int start = bytes.writerIndex();
      try {
        MessageEncoder.encode(message, encodeContext, bytes);
      } catch (RuntimeException e) {
        bytes.writerIndex(start);
        log.error("message not sent peer={} kind={}", remoteAddress, message.getClass(), e);
      }
    }
    write(bytes, messages.size());
  }

  private void write(ByteBuf bytes, int messages) {
    channel
        .writeAndFlush(bytes)
        .addListener(
            done -> {
              written.addAndGet(messages);
              if (pending.addAndGet(-messages) <= FEW_PENDING
                  && waitsForRoom.compareAndSet(true, false)) {
                tell(l -> l.writable(this));
              }
            });
  }

  @Override
  public boolean writable() {
    if (pending.get() < MOST_PENDING) {
      return true;
    }
    waitsForRoom.set(true);
    // The last write may have ended just before the flag was there to be seen.
    return pending.get() <= FEW_PENDING && waitsForRoom.compareAndSet(true, false);
  }

  @Override
  public boolean overfull() {
    return pending.get() > OVERFULL;
  }

  @Override
  public long written() {
    return written.get();
  }

  @Override
  public int pending() {
    return pending.get();
  }

  @Override
  public void negotiated(DecodeContext decode, EncodeContext encode) {
    outbox.add(
        () -> {
          decodeContext = decode;
          encodeContext = encode;
        });
  }

  @Override
  public void consumed(int outcomes) {
    int left = unread.addAndGet(-outcomes);
    if (left <= FEW_UNREAD && left + outcomes > FEW_UNREAD) {
      channel.eventLoop().execute(this::resume);
    }
  }

  private void resume() {
    if (paused) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }

  /**
   * Our direction first, and ours alone: closing both at once while the neighbour still sends would
   * have the kernel reset the connection, and a NOTIFICATION could be lost.
   */
  @Override
  public void close() {
    listener = null;
    outbox.add(this::shutDown);
  }

  private void shutDown() {
    closing = true;
    resume();
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            done -> {
              if (channel instanceof DuplexChannel duplex && channel.isActive()) {
                duplex
                    .shutdownOutput()
                    .addListener(shut -> log.trace("shut down peer={}", remoteAddress));
              }
            });
    channel
        .eventLoop()
        .schedule(this::abort, LINGER_MILLIS, TimeUnit.MILLISECONDS)
        .addListener(over -> log.trace("linger over peer={}", remoteAddress));
  }

  /** Ends the connection at once. Any thread. */
  void abort() {
    channel.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  DecodeContext decodeContext() {
    return decodeContext;
  }

  boolean closing() {
    return closing;
  }

  /** On the event loop: hands over what has been decoded. */
  void deliver(List<DecodeOutcome> batch) {
    if (unread.addAndGet(batch.size()) > MOST_UNREAD && !paused) {
      paused = true;
      channel.config().setAutoRead(false);
    }
    core.execute(
        () -> {
          if (listener != null) {
            listener.received(this, batch);
          } else {
            consumed(batch.size());
          }
        });
  }

  /** On the event loop: the connection is gone. */
  void ended(String reason) {
    tell(l -> l.closed(this, reason));
  }

  private void tell(Consumer<Link.Listener> what) {
    core.execute(
        () -> {
          if (listener != null) {
            what.accept(listener);
          }
        });
  }
}
