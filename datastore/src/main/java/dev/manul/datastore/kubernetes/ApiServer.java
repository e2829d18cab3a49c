package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the API over as few connections as HTTP allows: one, with HTTP/2.
 *
 * <p>A connection whose other end has vanished without a word (a node without power, a lost route)
 * would take TCP a quarter of an hour to give up. So a connection on which nothing was heard while
 * a request ran out of time is given up, and with it all watches on it, which go on where they were
 * on a new one.
 */
final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

  private static final String JSON = "application/json";

  /** How often a request is sent that an overloaded server turns away (429). */
  private static final int TRIES = 4;

  private final Config config;
  private final String url;
  private final Patience patience;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Object dialling = new Object();
  private final Object probing = new Object();
  private volatile Line line;

  /** An HTTP client with its connections, and when something was last heard on them. */
  static final class Line {
    private final HttpClient client;
    private final Set<ApiStream> streams = ConcurrentHashMap.newKeySet();
    private volatile long lastHeard = System.nanoTime();

    Line(HttpClient client) {
      this.client = client;
    }

    void began(ApiStream stream) {
      streams.add(stream);
    }

    void ended(ApiStream stream) {
      streams.remove(stream);
    }

    void heard() {
      lastHeard = System.nanoTime();
    }

    boolean silentFor(Duration time) {
      return System.nanoTime() - lastHeard >= time.toNanos();
    }
  }

  /** What the server says to a request. */
  static final class Answer {
    private final int status;
    private final byte[] body;

    Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }

    int status() {
      return status;
    }

    byte[] body() {
      return body;
    }

    boolean isSuccess() {
      return status >= 200 && status < 300;
    }
  }

  ApiServer(Config config, Patience patience) {
    this.config = config;
    this.patience = patience;
    this.url = config.getMasterUrl().replaceFirst("/+$", "");
    this.line = dial();
  }

  String url() {
    return url;
  }

  Patience patience() {
    return patience;
  }

  private Line dial() {
    return new Line(LightHttpClient.of(config));
  }

  /**
   * Sends a request and waits for its answer, whatever that is.
   *
   * @param path with the query
   * @param contentType of the body, JSON of some sort
   * @param body or null
   * @throws DatastoreException when there is no answer in time
   */
  Answer send(String method, String path, String contentType, String body) {
    return send(method, path, contentType, body, patience.answer());
  }

  /** The same with another time to answer in. */
  Answer send(String method, String path, String contentType, String body, Duration within) {
    boolean again = method.equals("GET"); // over a new connection, should the old one be dead
    for (int attempt = 1; ; attempt++) {
      Answer answer;
      try {
        answer = sendOnce(method, path, contentType, body, within);
      } catch (BrokenOffException e) {
        if (again) {
          again = false;
          continue;
        }
        throw e;
      }
      if (answer.status() != 429 || attempt == TRIES || !pause(attempt)) {
        return answer;
      }
    }
  }

  Answer get(String path) {
    return send("GET", path, JSON, null);
  }

  /** The connection broke while a request was under way. */
  static final class BrokenOffException extends DatastoreException {
    private static final long serialVersionUID = 1L;

    BrokenOffException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private boolean pause(int attempt) {
    try {
      long millis = 200 + ThreadLocalRandom.current().nextLong(200L << attempt);
      return !closing.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Answer sendOnce(
      String method, String path, String contentType, String body, Duration within) {
    Line over = line();
    HttpRequest request =
        over.client
            .newHttpRequestBuilder()
            .uri(url + path)
            .header("Accept", JSON)
            .method(method, contentType, body)
            .timeout(within.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    long start = System.nanoTime();
    CompletableFuture<HttpResponse<byte[]>> future = over.client.sendAsync(request, byte[].class);
    try {
      HttpResponse<byte[]> response = future.get(within.toMillis(), TimeUnit.MILLISECONDS);
      over.heard();
      byte[] content = response.body();
      return new Answer(response.code(), content == null ? new byte[0] : content);
    } catch (TimeoutException e) {
      future.cancel(true);
      condemnIfSilentSince(over, start);
      throw noAnswer(within, e);
    } catch (ExecutionException e) {
      throw failed(over, start, within, e.getCause());
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new DatastoreException("interrupted while talking to " + named(), e);
    }
  }

  private DatastoreException noAnswer(Duration within, Throwable cause) {
    return new DatastoreException(
        named() + " did not answer within " + within.toSeconds() + " s", cause);
  }

  private DatastoreException failed(Line over, long start, Duration within, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (isClosed()) {
      return closed(cause);
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof ConnectException || t instanceof java.net.http.HttpConnectTimeoutException) {
        return new DatastoreException(named() + " cannot be reached: " + reason(t), cause);
      }
      if (t instanceof TimeoutException || t instanceof java.net.http.HttpTimeoutException) {
        condemnIfSilentSince(over, start);
        return noAnswer(within, cause);
      }
    }
    String message = named() + " broke off: " + reason(cause);
    return cause instanceof IOException
        ? new BrokenOffException(message, cause)
        : new DatastoreException(message, cause);
  }

  private static String reason(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t.getMessage() != null) {
        return t.getMessage().replaceAll("\\s*\\R\\s*", " ");
      }
    }
    return thrown instanceof ConnectException
        ? "connection refused"
        : thrown.getClass().getSimpleName();
  }

  private String named() {
    return "the Kubernetes API at " + url;
  }

  /**
   * Opens a stream of lines: a watch.
   *
   * @throws DatastoreException when the server does not begin to answer in time
   */
  ApiStream stream(String path) {
    Line over = line();
    HttpRequest request =
        over.client
            .newHttpRequestBuilder()
            .uri(url + path)
            .header("Accept", JSON)
            .forStreaming()
            .build();
    ApiStream stream = new ApiStream(over);
    long start = System.nanoTime();
    CompletableFuture<?> future = stream.open(over.client, request);
    try {
      future.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS);
      over.heard();
      return stream;
    } catch (TimeoutException e) {
      future.cancel(true);
      stream.close();
      condemnIfSilentSince(over, start);
      throw noAnswer(patience.answer(), e);
    } catch (ExecutionException e) {
      throw failed(over, start, patience.answer(), e.getCause());
    } catch (InterruptedException e) {
      future.cancel(true);
      stream.close();
      Thread.currentThread().interrupt();
      throw new DatastoreException("interrupted while talking to " + named(), e);
    }
  }

  /**
   * Whether the other end of a connection still is there, asked when a stream on it has been quiet
   * for long. Only one of all that ask at a time sends something.
   */
  boolean isAlive(Line asked) {
    synchronized (probing) {
      if (asked != line) {
        return false; // given up already
      }
      if (!asked.silentFor(patience.silence())) {
        return true;
      }
      try {
        Answer _ = sendOnce("GET", "/version", JSON, null, patience.answer());
        return asked == line;
      } catch (DatastoreException e) {
        LOG.atInfo().log("api-silent url={} reason=\"{}\"", url, e.getMessage());
        return false;
      }
    }
  }

  private Line line() {
    if (isClosed()) {
      throw closed(null);
    }
    return line;
  }

  private DatastoreException closed(Throwable cause) {
    return new DatastoreException("the datastore at " + url + " is closed", cause);
  }

  private void condemnIfSilentSince(Line over, long start) {
    synchronized (dialling) {
      if (over != line || over.lastHeard - start >= 0 || isClosed()) {
        return;
      }
      line = dial();
    }
    LOG.atInfo().log("api-connection-given-up url={}", url);
    hangUp(over);
  }

  private static void hangUp(Line over) {
    over.streams.forEach(ApiStream::breakOff);
    over.client.close();
  }

  boolean isClosed() {
    return closing.getCount() == 0;
  }

  @Override
  public void close() {
    synchronized (dialling) {
      closing.countDown();
    }
    hangUp(line);
  }
}
