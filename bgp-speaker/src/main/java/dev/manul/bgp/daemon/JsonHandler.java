package dev.manul.bgp.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.bgp.daemon.JsonServer.Answer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the requests of one connection, one after the other. */
final class JsonHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(JsonHandler.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A client that sends more than this many requests without reading answers is cut off. */
  private static final int MAX_WAITING = 16;

  private static final int CHUNK = 1 << 15;

  private final JsonServer.Handler handler;

  /** Requests not answered yet, the one in work included. Used on the event loop only. */
  private final Queue<Request> waiting = new ArrayDeque<>();

  JsonHandler(JsonServer.Handler handler) {
    this.handler = handler;
  }

  private record Request(HttpMethod method, String uri, boolean bad, boolean keepAlive) {}

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    boolean bad = message.decoderResult().isFailure();
    waiting.add(
        new Request(message.method(), message.uri(), bad, !bad && HttpUtil.isKeepAlive(message)));
    if (waiting.size() == 1) {
      work(context);
    } else if (waiting.size() > MAX_WAITING) {
      close(context);
    }
  }

  private void work(ChannelHandlerContext context) {
    Request request = waiting.element();
    Thread.ofVirtual()
        .name("json-answer")
        .start(
            () -> {
              Answer answer = answer(request);
              if (answer.body() instanceof JsonServer.Stream stream) {
                stream(context, request, stream);
              } else {
                FullHttpResponse response = respond(request, answer);
                context.executor().execute(() -> send(context, request, response));
              }
            });
  }

  /** Writes pieces, each after the one before it has left; a failure cuts the connection off. */
  private void stream(ChannelHandlerContext context, Request request, JsonServer.Stream stream) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, stream.type());
    HttpUtil.setTransferEncodingChunked(head, true);
    HttpUtil.setKeepAlive(head, request.keepAlive);
    try {
      context.writeAndFlush(head).sync();
      if (!request.method.equals(HttpMethod.HEAD)) {
        try (var out = new BufferedOutputStream(new Chunks(context), CHUNK)) {
          stream.writing().to(out);
        }
      }
      context.executor().execute(() -> send(context, request, LastHttpContent.EMPTY_LAST_CONTENT));
    } catch (IOException | RuntimeException e) {
      log.error("answer cut off uri={} cause=\"{}\"", request.uri, e.toString());
      close(context);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(context);
    }
  }

  /** A body as chunks. */
  private static final class Chunks extends OutputStream {
    private final ChannelHandlerContext context;

    Chunks(ChannelHandlerContext context) {
      this.context = context;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
      if (length == 0) {
        return; // an empty chunk would be the end
      }
      byte[] copy = Arrays.copyOfRange(octets, from, from + length);
      ChannelFuture written =
          context
              .writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(copy)))
              .awaitUninterruptibly();
      if (!written.isSuccess()) {
        throw new IOException("the client has gone", written.cause());
      }
    }
  }

  private void send(ChannelHandlerContext context, Request request, HttpObject response) {
    waiting.remove();
    if (response instanceof HttpResponse head) {
      HttpUtil.setKeepAlive(head, request.keepAlive);
    }
    ChannelFuture written = context.writeAndFlush(response);
    if (!request.keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    } else if (!waiting.isEmpty()) {
      work(context);
    }
  }

  private FullHttpResponse respond(Request request, Answer answer) {
    byte[] body;
    int status = answer.status();
    String type = "application/json";
    try {
      if (answer.body() instanceof JsonServer.Text text) {
        type = text.type();
        body = text.text().stripTrailing().getBytes(StandardCharsets.UTF_8);
      } else {
        body = JSON.writeValueAsBytes(answer.body());
      }
    } catch (JsonProcessingException e) {
      log.error("answer cannot be written uri={}", request.uri, e);
      status = 500;
      body = new byte[] {'{', '}'};
    }
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            request.method.equals(HttpMethod.HEAD)
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(body, new byte[] {'\n'}));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length + 1);
    if (status == 405) {
      response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
    }
    return response;
  }

  private Answer answer(Request request) {
    if (request.bad) {
      return error(400, "the request is not HTTP/1.1");
    }
    if (!request.method.equals(HttpMethod.GET) && !request.method.equals(HttpMethod.HEAD)) {
      return error(405, request.method + " is not allowed; GET and HEAD are");
    }
    try {
      var uri = new QueryStringDecoder(request.uri);
      return handler
          .answer(uri.path(), uri.parameters())
          .orElseGet(() -> error(404, "nothing is at " + uri.path()));
    } catch (IllegalArgumentException e) {
      return error(400, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      log.error("request failed uri={}", request.uri, e);
      return error(500, "internal error; see the log");
    }
  }

  private static Answer error(int status, String message) {
    return new Answer(status, Map.of("error", message));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.debug("connection closed reason={}", cause.toString());
    }
    close(context);
  }

  private static void close(ChannelHandlerContext context) {
    var closed = context.close();
    log.trace("closing {}", closed);
  }
}
