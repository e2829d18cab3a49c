package dev.manul.datastore.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An answer that comes line by line and has no end of its own. Bytes are taken from the connection
 * only as fast as lines are read, so that a slow reader holds up the server and not the memory.
 * Read by one thread; closed by any.
 */
final class ApiStream implements AutoCloseable {

  /** What the reader is told. */
  private sealed interface Event {}

  private record Bytes(List<ByteBuffer> buffers, AsyncBody body) implements Event {}

  private record End(Throwable cause) implements Event {}

  /** How reading a line ended. */
  enum Read {
    /** There is a line. */
    LINE,
    /** Nothing came in time. */
    SILENCE,
    /** Nothing will come any more. */
    END
  }

  private final ApiServer.Line line;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private volatile HttpResponse<AsyncBody> response;
  private volatile boolean closed;

  private byte[] buffer = new byte[8192];
  private int start; // of the line being read
  private int scanned; // no line feed before this
  private int end;
  private int lineStart;
  private int lineLength;

  ApiStream(ApiServer.Line line) {
    this.line = line;
    line.began(this);
  }

  CompletableFuture<?> open(HttpClient client, HttpRequest request) {
    return client
        .consumeBytes(request, (buffers, body) -> events.add(new Bytes(buffers, body)))
        .thenAccept(
            opened -> {
              response = opened;
              var _ = opened.body().done().whenComplete((v, e) -> events.add(new End(e)));
              if (closed) {
                opened.body().cancel();
              } else {
                opened.body().consume();
              }
            });
  }

  int status() {
    return response.code();
  }

  ApiServer.Line connection() {
    return line;
  }

  /**
   * Waits for the next line.
   *
   * @throws IOException when the connection broke
   */
  Read next(Duration patience) throws IOException, InterruptedException {
    while (!split()) {
      if (closed) {
        return Read.END;
      }
      switch (events.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        case null -> {
          return Read.SILENCE;
        }
        case End(Throwable cause) -> {
          if (closed || cause == null) {
            return Read.END;
          }
          line.broke();
          throw new IOException("the connection broke", cause);
        }
        case Bytes(List<ByteBuffer> buffers, AsyncBody body) -> {
          line.heard();
          buffers.forEach(this::append);
          body.consume();
        }
      }
    }
    return Read.LINE;
  }

  private boolean split() {
    for (; scanned < end; scanned++) {
      if (buffer[scanned] == '\n') {
        lineStart = start;
        lineLength = scanned - start;
        start = ++scanned;
        return true;
      }
    }
    return false;
  }

  private void append(ByteBuffer bytes) {
    int size = bytes.remaining();
    if (end + size > buffer.length) {
      int kept = end - start;
      byte[] roomy =
          kept + size > buffer.length ? new byte[Math.max(kept + size, kept * 2)] : buffer;
      System.arraycopy(buffer, start, roomy, 0, kept);
      buffer = roomy;
      scanned -= start;
      start = 0;
      end = kept;
    }
    bytes.get(buffer, end, size);
    end += size;
  }

  /** The bytes that the line is in, with others. */
  byte[] buffer() {
    return buffer;
  }

  int lineStart() {
    return lineStart;
  }

  int lineLength() {
    return lineLength;
  }

  /** All that comes until the end: the body of an answer that is no stream. */
  byte[] rest(Duration patience) throws InterruptedException {
    try {
      while (true) {
        switch (events.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          case Bytes(List<ByteBuffer> buffers, AsyncBody body) -> {
            buffers.forEach(this::append);
            body.consume();
          }
          case null, default -> {
            return Arrays.copyOfRange(buffer, start, end);
          }
        }
      }
    } finally {
      close();
    }
  }

  /** Ends the stream as a broken connection would. */
  void breakOff() {
    events.add(new End(new IOException("the connection was given up")));
  }

  @Override
  public void close() {
    closed = true;
    line.ended(this);
    events.add(new End(null));
    HttpResponse<AsyncBody> opened = response;
    if (opened != null) {
      opened.body().cancel();
    }
  }
}
