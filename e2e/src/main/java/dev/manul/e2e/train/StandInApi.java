package dev.manul.e2e.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/**
 * Answers as an API server does: over TLS and HTTP/2, with lists, watches and versions. It holds
 * whatever it is given; see {@link ObjectStore}. Whoever knows the kubeconfig may do everything,
 * and nothing outlives it.
 */
public final class StandInApi implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String PASSWORD = "not-a-secret";
  private static final String ALIAS = "api";
  private static final int OK = 200;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Of the loop's one thread. */
  private final ObjectStore store = new ObjectStore();

  private final Path kubeconfig;
  private final String url;
  private final Path certificate;

  private StandInApi(Path directory, Address address) throws IOException, GeneralSecurityException {
    this.kubeconfig = directory.resolve("kubeconfig");
    this.certificate = directory.resolve("api.crt");
    Path keys = directory.resolve("api.p12");
    String name = "san=ip:" + address;
    keytool(keys, "-genkeypair", "-keyalg", "EC", "-dname", "CN=stand-in", "-ext", name);
    keytool(keys, "-exportcert", "-rfc", "-file", certificate.toString());
    SslContext tls = tls(keys);
    Channel server =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            tls.newHandler(channel.alloc()),
                            Http2FrameCodecBuilder.forServer().build(),
                            new Http2MultiplexHandler(
                                new ChannelInitializer<Channel>() {
                                  @Override
                                  protected void initChannel(Channel stream) {
                                    stream.pipeline().addLast(new Exchange());
                                  }
                                }));
                  }
                })
            .bind(address.toString(), 0)
            .syncUninterruptibly()
            .channel();
    url = "https://%s:%d".formatted(address, ((InetSocketAddress) server.localAddress()).getPort());
  }

  /**
   * Starts one.
   *
   * @param directory for its key, and for a kubeconfig that clients find it by
   * @param address where it listens, IPv4
   * @param nodes the nodes there are, which no client makes
   */
  public static StandInApi start(Path directory, Address address, List<String> nodes)
      throws IOException, GeneralSecurityException {
    var api = new StandInApi(directory, address);
    var collection = new ObjectStore.Target("api/v1", "", "nodes", "");
    for (String name : nodes) {
      ObjectNode node = NODES.objectNode().put("apiVersion", "v1").put("kind", "Node");
      node.putObject("metadata").put("name", name);
      node.putObject("spec");
      api.loop.submit(() -> api.store.ask("POST", collection, node)).syncUninterruptibly();
    }
    Files.writeString(api.kubeconfig, api.access());
    return api;
  }

  /** The file that clients find it by. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  private static void keytool(Path keys, String verb, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                verb,
                "-keystore",
                keys.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                ALIAS));
    command.addAll(List.of(arguments));
    Run.of(command).orThrow();
  }

  private static SslContext tls(Path keys) throws IOException, GeneralSecurityException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      own.load(in, PASSWORD.toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(own, PASSWORD.toCharArray());
    return SslContextBuilder.forServer(managers)
        .sslProvider(SslProvider.JDK)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                "h2"))
        .build();
  }

  private String access() throws IOException {
    return """
    apiVersion: v1
    kind: Config
    current-context: stand-in
    contexts:
      - name: stand-in
        context: {cluster: stand-in, user: anybody}
    clusters:
      - name: stand-in
        cluster:
          server: "%s"
          certificate-authority-data: %s
    users:
      - name: anybody
        user: {token: anything}
    """
        .formatted(url, Base64.getEncoder().encodeToString(Files.readAllBytes(certificate)));
  }

  /** Ends it, and all connections with it. */
  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** One request and what is answered; a watch's answer has no end. */
  private final class Exchange extends SimpleChannelInboundHandler<Http2StreamFrame> {

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Http2Headers headers;
    private ObjectStore.Watcher watcher;

    @Override
    protected void channelRead0(ChannelHandlerContext context, Http2StreamFrame frame)
        throws IOException {
      boolean complete = false;
      if (frame instanceof Http2HeadersFrame begin) {
        headers = begin.headers();
        complete = begin.isEndStream();
      } else if (frame instanceof Http2DataFrame data) {
        data.content().readBytes(body, data.content().readableBytes());
        complete = data.isEndStream();
      }
      if (complete) {
        answer(context.channel());
      }
    }

    private void answer(Channel stream) throws IOException {
      var uri = new QueryStringDecoder(headers.path().toString());
      Optional<ObjectStore.Target> target = ObjectStore.Target.of(uri.path());
      Map<String, List<String>> query = uri.parameters();
      if (target.isEmpty()) {
        send(stream, new ObjectStore.Answer(OK, NODES.objectNode())); // the version, or health
      } else if (query.containsKey("watch")) {
        var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(head(OK), false));
        watcher = new StreamWatcher(stream, target.get());
        store.watch(watcher, Long.parseLong(query.get("resourceVersion").getFirst()));
      } else {
        ObjectNode given =
            body.size() == 0 ? NODES.objectNode() : (ObjectNode) JSON.readTree(body.toByteArray());
        send(stream, store.ask(headers.method().toString(), target.get(), given));
      }
    }

    private static Http2Headers head(int status) {
      return new DefaultHttp2Headers()
          .status(Integer.toString(status))
          .add("content-type", "application/json");
    }

    private static void send(Channel stream, ObjectStore.Answer answer) {
      var _ = stream.write(new DefaultHttp2HeadersFrame(head(answer.status()), false));
      var _ = stream.writeAndFlush(data(answer.body(), true));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      if (watcher != null) {
        store.leave(watcher);
      }
      super.channelInactive(context);
    }
  }

  private record StreamWatcher(Channel stream, ObjectStore.Target target)
      implements ObjectStore.Watcher {
    @Override
    public void tell(ObjectNode event) {
      var _ = stream.writeAndFlush(data(event, false));
    }
  }

  private static DefaultHttp2DataFrame data(ObjectNode object, boolean end) {
    try {
      String line = JSON.writeValueAsString(object) + "\n";
      return new DefaultHttp2DataFrame(Unpooled.copiedBuffer(line, StandardCharsets.UTF_8), end);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
