package dev.manul.bgp.bfd;

import dev.manul.model.AddressFamily;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UDP for BFD: one receiving socket for each local address and port, and one sending socket a
 * session, from a port of its own within 49152 to 65535 (RFC 5881 section 4). On one event loop.
 */
final class BfdSockets {
  private static final Logger log = LoggerFactory.getLogger(BfdSockets.class);
  private static final int FIRST_SOURCE_PORT = 49152;
  private static final int SOURCE_PORTS = 65536 - FIRST_SOURCE_PORT;
  private static final int SOURCE_PORT_TRIES = 64;
  private static final long AGAIN_MILLIS = 1000;
  private static final int TTL = 255;

  /** Network control (RFC 4594): BFD has to arrive when all else is queued. */
  private static final int CLASS_SELECTOR_6 = 0xc0;

  private static final int RECEIVE_OCTETS = 128;

  // linux/in.h and linux/in6.h: Netty has no names for these.
  private static final ChannelOption<Integer> IP_TTL = new IntegerUnixChannelOption("IP_TTL", 0, 2);
  private static final ChannelOption<Integer> IPV6_UNICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
  private static final ChannelOption<Integer> IPV6_TCLASS =
      new IntegerUnixChannelOption("IPV6_TCLASS", 41, 67);

  private static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 1, 8192, 2, 0, 0, false);

  private final EventLoop loop;
  private final Receiver receiver;
  private final RandomGenerator random;
  private final Map<InetSocketAddress, Listening> listening = new HashMap<>();
  private boolean closed;

  /** Takes what has come. */
  @FunctionalInterface
  interface Receiver {
    /**
     * A well-formed packet has come.
     *
     * @param port the one it came to
     */
    void received(InetSocketAddress from, int port, BfdPacket packet);
  }

  BfdSockets(EventLoop loop, Receiver receiver, RandomGenerator random) {
    this.loop = loop;
    this.receiver = receiver;
    this.random = random;
  }

  /** Makes what a session needs; a socket that cannot be had now is tried again each second. */
  Sender open(BfdPeer peer, int port) {
    Listening shared =
        listening.computeIfAbsent(
            new InetSocketAddress(BfdPeer.inet(peer.local()), port), Listening::new);
    shared.users++;
    if (shared.users == 1) {
      shared.bind();
    }
    Sender sender = new Sender(peer, shared);
    sender.bind(SOURCE_PORT_TRIES);
    return sender;
  }

  void release(Sender sender) {
    sender.close();
    Listening shared = sender.shared;
    if (--shared.users == 0) {
      listening.remove(shared.address);
      shared.close();
    }
  }

  void close() {
    closed = true;
    listening.values().forEach(Listening::close);
  }

  private static Bootstrap bootstrap(EventLoop loop, InetSocketAddress local) {
    boolean ipv4 = local.getAddress().getAddress().length == AddressFamily.IPV4.octets();
    return new Bootstrap()
        .group(loop)
        .channelFactory(
            () ->
                new EpollDatagramChannel(
                    ipv4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6))
        .option(ChannelOption.ALLOCATOR, ALLOCATOR)
        .option(ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, TTL)
        .option(ipv4 ? ChannelOption.IP_TOS : IPV6_TCLASS, CLASS_SELECTOR_6)
        .localAddress(local);
  }

  private static String cause(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  private static void end(Channel channel) {
    if (channel != null) {
      channel.close().addListener(done -> log.trace("closed channel={}", channel));
    }
  }

  /** The socket to which the neighbours of one local address send. */
  final class Listening {
    private final InetSocketAddress address;
    private int users;
    private Channel channel;
    private String problem = "";

    Listening(InetSocketAddress address) {
      this.address = address;
    }

    void bind() {
      if (closed || users == 0) {
        return;
      }
      Bootstrap bootstrap =
          bootstrap(loop, address)
              .option(
                  ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_OCTETS))
              .handler(new Reading(address.getPort()));
      if (address.getPort() == BfdPeer.SINGLE_HOP_PORT) {
        HopLimitFilter.apply(bootstrap, address.getAddress().getAddress().length);
      }
      ChannelFuture bound = bootstrap.bind();
      channel = bound.channel();
      bound.addListener(done -> bound(bound));
    }

    private void bound(ChannelFuture bound) {
      if (bound.isSuccess()) {
        problem = "";
        return;
      }
      String told = "cannot listen on " + address + " (UDP): " + cause(bound.cause());
      if (!told.equals(problem)) {
        log.warn("{}; trying again", told);
      }
      problem = told;
      if (!closed && users > 0) {
        var _ = loop.schedule(this::bind, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    void close() {
      users = 0;
      end(channel);
    }
  }

  private final class Reading extends SimpleChannelInboundHandler<DatagramPacket> {
    private final int port;

    Reading(int port) {
      this.port = port;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      BfdPacket.decode(datagram.content())
          .ifPresent(packet -> receiver.received(datagram.sender(), port, packet));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("receiving failed port={}", port, cause);
    }
  }

  /** The socket a session sends from. */
  final class Sender {
    private final BfdPeer peer;
    private final Listening shared;
    private final InetSocketAddress remote;
    private Channel channel;
    private boolean ready;
    private boolean ended;
    private String problem = "";

    Sender(BfdPeer peer, Listening shared) {
      this.peer = peer;
      this.shared = shared;
      this.remote = new InetSocketAddress(BfdPeer.inet(peer.remote()), shared.address.getPort());
    }

    private void bind(int triesLeft) {
      if (ended || closed) {
        return;
      }
      int port = FIRST_SOURCE_PORT + random.nextInt(SOURCE_PORTS);
      ChannelFuture bound =
          bootstrap(loop, new InetSocketAddress(BfdPeer.inet(peer.local()), port))
              .option(ChannelOption.AUTO_READ, false)
              .handler(new ChannelInboundHandlerAdapter())
              .bind();
      channel = bound.channel();
      bound.addListener(
          done -> {
            ready = bound.isSuccess();
            problem = ready ? "" : "cannot send to " + peer.remote() + ": " + cause(bound.cause());
            if (!ready && triesLeft > 1) {
              bind(triesLeft - 1);
            } else if (!ready) {
              log.warn("{}; trying again", problem);
              var _ = loop.schedule(() -> bind(1), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
          });
    }

    /** Sends now or never: a late packet would say that the path is in order when it is not. */
    void send(BfdPacket packet) {
      if (ready) {
        ByteBuf bytes = channel.alloc().directBuffer(BfdPacket.LENGTH);
        packet.encode(bytes);
        channel
            .writeAndFlush(new DatagramPacket(bytes, remote))
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    log.debug("not sent peer={} cause=\"{}\"", peer.remote(), cause(done.cause()));
                  }
                });
      }
    }

    /** What stands in the way, or "". */
    String problem() {
      return problem.isEmpty() ? shared.problem : problem;
    }

    void close() {
      ended = true;
      end(channel);
    }
  }
}
