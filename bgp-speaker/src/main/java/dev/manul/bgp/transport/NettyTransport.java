package dev.manul.bgp.transport;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.SpeakerStatus.Stranger;
import dev.manul.bgp.session.Link;
import dev.manul.bgp.session.Transport;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens and connects. All methods are for the core thread unless they say otherwise. */
public final class NettyTransport implements Transport {
  private static final Logger log = LoggerFactory.getLogger(NettyTransport.class);

  static {
    // Before any class of Netty reads them: no buffers but those of ALLOCATOR, and no search for
    // a hardware address to name channels by.
    setDefault("io.netty.allocator.type", "unpooled");
    setDefault("io.netty.machineId", "00:00:00:00:00:00:00:01");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static final int CONNECT_TIMEOUT_MILLIS = 5000;
  private static final int READ_OCTETS = 16 * 1024;

  /** A whole mesh may dial at once; the kernel lowers this to net.core.somaxconn. */
  private static final int BACKLOG = 4096;

  /** How long unacknowledged data may wait before the kernel gives the connection up. */
  private static final int LEAST_USER_TIMEOUT_MILLIS = 10_000;

  // linux/in.h and linux/in6.h: Netty has no names for these.
  private static final ChannelOption<Integer> IPV6_V6ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  private static final ChannelOption<Integer> IP_TTL = new IntegerUnixChannelOption("IP_TTL", 0, 2);
  private static final ChannelOption<Integer> IP_MINTTL =
      new IntegerUnixChannelOption("IP_MINTTL", 0, 21);
  private static final ChannelOption<Integer> IPV6_UNICAST_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
  private static final ChannelOption<Integer> IPV6_MINHOPCOUNT =
      new IntegerUnixChannelOption("IPV6_MINHOPCOUNT", 41, 73);

  /** One small arena: sessions send little, and many agents share a machine. */
  private static final ByteBufAllocator ALLOCATOR =
      new PooledByteBufAllocator(true, 0, 1, 8192, 4, 0, 0, false);

  private final Executor core;
  private final Events events;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1,
          task -> {
            Thread thread = new Thread(task, "bgp-io");
            thread.setDaemon(true);
            return thread;
          },
          EpollIoHandler.newFactory());

  private final Outbox outbox = new Outbox(group.next());

  /** Touched by all threads. */
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();

  /** Changed by the core thread; closed by whoever ends the transport. */
  private final Map<InetSocketAddress, Channel> listeners = new ConcurrentHashMap<>();

  private Set<InetSocketAddress> wanted = Set.of();
  private Map<Address, byte[]> keys = Map.of();

  /** Those that each listener has. */
  private final Map<InetSocketAddress, ListenerKeys> keysInForce = new HashMap<>();

  /** Set by the core thread, read by the event loop. */
  private volatile Set<Address> known = Set.of();

  private final Strangers strangers;

  /** What the transport has to say; on the core thread. */
  public interface Events {
    /**
     * A neighbour has connected.
     *
     * @return who hears of it; null when nobody wants it, and it is closed
     */
    Link.Listener accepted(Link link);

    /** The configuration of a neighbour; empty when there is none with that address. */
    Optional<NeighborConfiguration> neighbor(Address address);

    /**
     * An attempt to listen has ended.
     *
     * @param failure why it has failed; empty when it has not
     */
    void listening(InetSocketAddress address, Optional<String> failure);
  }

  /** Starts the event loop thread. */
  public NettyTransport(Executor core, Events events, Supplier<Instant> clock) {
    this.core = core;
    this.events = events;
    this.strangers = new Strangers(clock);
  }

  /** Who has connected without being a neighbour, the latest first. */
  public List<Stranger> strangers() {
    return strangers.list();
  }

  /**
   * Sets where to listen: closes what is not wanted any more, and starts to listen where it does
   * not yet. May be called again with the same addresses, to try again those that have failed.
   */
  public void listen(Collection<InetSocketAddress> addresses) {
    wanted = Set.copyOf(addresses);
    listeners
        .entrySet()
        .removeIf(
            entry -> {
              boolean unwanted = !wanted.contains(entry.getKey());
              if (unwanted) {
                keysInForce.remove(entry.getKey());
                end(entry.getValue());
              }
              return unwanted;
            });
    for (InetSocketAddress address : wanted) {
      if (!listeners.containsKey(address)) {
        bind(address);
      }
    }
  }

  /**
   * Sets who may connect, and the TCP MD5 keys that neighbours must sign with. Any order with
   * {@link #listen}.
   */
  public void neighbors(Collection<NeighborConfiguration> neighbors) {
    Map<Address, byte[]> wantedKeys = new HashMap<>();
    Set<Address> addresses = new HashSet<>();
    for (NeighborConfiguration neighbor : neighbors) {
      addresses.add(neighbor.address());
      neighbor.password().ifPresent(p -> wantedKeys.put(neighbor.address(), key(p)));
    }
    known = addresses;
    keys = wantedKeys;
    listeners.forEach(
        (address, channel) -> keysInForce.get(address).set(channel, keysFor(address)));
  }

  private Map<Address, byte[]> keysFor(InetSocketAddress listener) {
    AddressFamily family =
        listener.getAddress() instanceof Inet4Address ? AddressFamily.IPV4 : AddressFamily.IPV6;
    Map<Address, byte[]> mine = new HashMap<>(keys);
    mine.keySet().removeIf(neighbor -> neighbor.family() != family);
    return mine;
  }

  private void bind(InetSocketAddress address) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(() -> new EpollServerSocketChannel(protocol(address.getAddress())))
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.ALLOCATOR, ALLOCATOR)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_OCTETS))
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    acceptOnLoop(address, channel);
                  }
                });
    if (address.getAddress() instanceof Inet6Address) {
      // Otherwise :: takes IPv4's port as well, and whichever of the two is bound later fails.
      bootstrap.option(IPV6_V6ONLY, 1);
    }
    ListenerKeys listenerKeys = new ListenerKeys();
    Map<Address, byte[]> mine = keysFor(address);
    bootstrap.handler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            // Before it listens: whoever came earlier than the keys would need none.
            listenerKeys.set(channel, mine);
          }
        });
    keysInForce.put(address, listenerKeys);
    ChannelFuture future = bootstrap.bind(address);
    listeners.put(address, future.channel());
    future.addListener(done -> core.execute(() -> bound(address, future)));
  }

  private void bound(InetSocketAddress address, ChannelFuture future) {
    if (future.isSuccess()) {
      if (wanted.contains(address)) {
        keysInForce.get(address).set(future.channel(), keysFor(address));
        events.listening(address, Optional.empty());
      } else {
        end(future.channel());
      }
    } else {
      listeners.remove(address, future.channel());
      keysInForce.remove(address);
      if (wanted.contains(address)) {
        events.listening(address, Optional.of(ConnectionErrors.text(future.cause())));
      }
    }
  }

  private NettyLink attach(Channel channel) {
    NettyLink link = new NettyLink(channel, core, outbox);
    connections.add(channel);
    channel.closeFuture().addListener(done -> connections.remove(channel));
    channel.pipeline().addLast(new LinkHandler(link));
    return link;
  }

  /** A stranger is turned away here, so that a flood of them never reaches the core thread. */
  private void acceptOnLoop(InetSocketAddress listener, Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
      end(channel); // it is gone already
      return;
    }
    Address address = Address.ofBytes(remote.getAddress().getAddress());
    if (known.contains(address)) {
      NettyLink link = attach(channel);
      core.execute(() -> accepted(listener, link));
    } else {
      strangers.refused(address);
      channel.config().setOption(ChannelOption.SO_LINGER, 0); // a reset leaves nothing behind
      end(channel);
    }
  }

  private void accepted(InetSocketAddress listener, NettyLink link) {
    Optional<NeighborConfiguration> neighbor = events.neighbor(link.remoteAddress());
    if (neighbor.isEmpty()) {
      strangers.refused(link.remoteAddress()); // until a moment ago it was a neighbour
      link.abort();
      return;
    }
    if (neighbor.get().password().isPresent() && !isSigned(listener, link.remoteAddress())) {
      log.warn(
          "connection refused peer={} reason=\"its password could not be set\"",
          link.remoteAddress());
      link.abort();
      return;
    }
    socketOptions(neighbor.get()).forEach((option, value) -> set(link.channel(), option, value));
    link.listener(events.accepted(link));
  }

  private boolean isSigned(InetSocketAddress listener, Address neighbor) {
    ListenerKeys listenerKeys = keysInForce.get(listener);
    return listenerKeys != null && listenerKeys.has(neighbor);
  }

  private static void set(Channel channel, ChannelOption<Integer> option, int value) {
    try {
      channel.config().setOption(option, value);
    } catch (RuntimeException e) {
      log.warn(
          "socket option not set option={} value={} cause=\"{}\"",
          option,
          value,
          ConnectionErrors.text(e));
    }
  }

  @Override
  public Dial dial(NeighborConfiguration neighbor, DialListener listener) {
    InetAddress remote = inet(neighbor.address());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channelFactory(() -> new EpollSocketChannel(protocol(remote)))
            .option(ChannelOption.ALLOCATOR, ALLOCATOR)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_OCTETS))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .remoteAddress(new InetSocketAddress(remote, neighbor.port()));
    socketOptions(neighbor).forEach(bootstrap::option);
    neighbor
        .password()
        .ifPresent(
            password ->
                bootstrap.option(EpollChannelOption.TCP_MD5SIG, Map.of(remote, key(password))));
    neighbor
        .localAddress()
        .ifPresent(local -> bootstrap.localAddress(new InetSocketAddress(inet(local), 0)));
    PendingDial dial = new PendingDial(listener);
    bootstrap.handler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new DialHandler(dial));
          }
        });
    ChannelFuture future = bootstrap.connect();
    dial.channel = future.channel();
    future.addListener(
        done -> {
          if (!done.isSuccess()) {
            core.execute(() -> dial.failed(ConnectionErrors.text(done.cause())));
          }
        });
    return dial;
  }

  /** TTLs, and how long the kernel tries before it gives a connection up. */
  private static Map<ChannelOption<Integer>, Integer> socketOptions(NeighborConfiguration n) {
    Map<ChannelOption<Integer>, Integer> options = new HashMap<>();
    boolean ipv4 = n.address().family() == AddressFamily.IPV4;
    if (n.holdTime() > 0) {
      options.put(
          EpollChannelOption.TCP_USER_TIMEOUT,
          Math.max(LEAST_USER_TIMEOUT_MILLIS, n.holdTime() * 1000));
    }
    if (n.ttlSecurity().isPresent()) {
      options.put(ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, 255);
      options.put(ipv4 ? IP_MINTTL : IPV6_MINHOPCOUNT, 256 - n.ttlSecurity().getAsInt());
    } else if (n.multihop().isPresent()) {
      options.put(ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, n.multihop().getAsInt());
    }
    return options;
  }

  /** Hands a connection over as soon as it is there, before anything can be read from it. */
  private final class DialHandler extends ChannelInboundHandlerAdapter {
    private final PendingDial dial;

    DialHandler(PendingDial dial) {
      this.dial = dial;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      NettyLink link = attach(context.channel());
      context.pipeline().remove(this);
      core.execute(() -> dial.connected(link));
      super.channelActive(context);
    }
  }

  /** Core thread only. */
  private static final class PendingDial implements Dial {
    private final DialListener listener;
    private Channel channel;
    private boolean over;

    PendingDial(DialListener listener) {
      this.listener = listener;
    }

    void connected(NettyLink link) {
      if (over) {
        link.abort();
        return;
      }
      over = true;
      link.listener(listener.connected(link));
    }

    void failed(String reason) {
      if (!over) {
        over = true;
        listener.failed(reason);
      }
    }

    @Override
    public void cancel() {
      over = true;
      end(channel);
    }
  }

  /** Hands over to the event loop what links have been given to send. */
  public void flush() {
    outbox.flush();
  }

  /**
   * Ends everything and waits for it, for a second or two. Any thread but the event loop's.
   *
   * @param orderly true to give neighbours time to read what has been sent
   */
  public void close(boolean orderly) {
    for (Channel listener : listeners.values()) {
      listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
    long patience = orderly ? System.nanoTime() + 1_500_000_000L : System.nanoTime();
    for (Channel channel : List.copyOf(connections)) {
      if (!orderly) {
        end(channel);
      }
      channel
          .closeFuture()
          .awaitUninterruptibly(Math.max(0, patience - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private static void end(Channel channel) {
    channel.close().addListener(done -> log.trace("closed channel={}", channel));
  }

  private static SocketProtocolFamily protocol(InetAddress address) {
    return address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
  }

  private static byte[] key(String password) {
    return password.getBytes(StandardCharsets.UTF_8);
  }

  private static InetAddress inet(Address address) {
    try {
      return InetAddress.getByAddress(address.toBytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }
}
