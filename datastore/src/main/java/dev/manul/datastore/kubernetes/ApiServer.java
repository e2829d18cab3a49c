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
 * requests ran out of time is given up, and with it all watches on it, which go on where they were
 * on a new one. What is sent while the server is out of reach waits for {@link Reachability}.
 */
final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

  private static final String JSON = "application/json";

  /** An object's metadata alone, where the server can tell it apart. */
  private static final String METADATA =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, " + JSON;

  /** How often a request is sent that an overloaded server turns away (429). */
  private static final int TRIES = 4;

  private final Config config;
  private final String url;
  private final Patience patience;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Object dialling = new Object();
  private final Object probing = new Object();
  private final Reachability reachability;
  private volatile Line line;

  /** An HTTP client with its connections, and when something was last heard on them. */
  static final class Line {
    private final HttpClient client;
    private final Reachability reachability;
    private final Set<ApiStream> streams = ConcurrentHashMap.newKeySet();
    private volatile long lastHeard = System.nanoTime();
    private volatile long askedAt = lastHeard; // the first time after something was heard

    Line(HttpClient client, Reachability reachability) {
      this.client = client;
      this.reachability = reachability;
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

    void asked() {
      if (askedAt - lastHeard <= 0) {
        askedAt = System.nanoTime();
      }
    }

    /** A stream on it has ended before its time. */
    void broke() {
      reachability.lost();
    }

    /** Whether all that was asked since something was last heard, for this long, got no answer. */
    boolean unansweredFor(Duration time) {
      return askedAt - lastHeard > 0 && System.nanoTime() - askedAt >= time.toNanos();
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
    this.reachability = new Reachability(this::probe, patience);
    this.line = dial();
  }

  String url() {
    return url;
  }

  Patience patience() {
    return patience;
  }

  private Line dial() {
    return new Line(LightHttpClient.of(config), reachability);
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

  /** Asks something small, whatever is known of the server. */
  private void probe() {
    Answer _ = sendOnce("GET", "/version", JSON, null, JSON, patience.answer());
  }

  /** Done once the server can be reached again, or is not wanted any more. */
  CompletableFuture<Void> reachable() {
    return reachability.found();
  }

  private void awaitReachable(Duration within) {
    try {
      reachability.await(within);
    } catch (TimeoutException e) {
      throw noAnswer(within, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private DatastoreException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new DatastoreException("interrupted while talking to " + named(), e);
  }

  /** The same with another time to answer in. */
  Answer send(String method, String path, String contentType, String body, Duration within) {
    return send(method, path, contentType, body, JSON, within);
  }

  /**
   * Replaces an object, and asks for no more of it than its metadata (Kubernetes, API concepts,
   * "Metadata-only fetches"); a server that does not know that answers with all of it.
   *
   * @throws DatastoreException when there is no answer in time
   */
  Answer putForMetadata(String path, String body) {
    return send("PUT", path, JSON, body, METADATA, patience.answer());
  }

  private Answer send(
      String method, String path, String contentType, String body, String accept, Duration within) {
    boolean again = method.equals("GET"); // over a new connection, should the old one be dead
    for (int attempt = 1; ; attempt++) {
      Answer answer;
      awaitReachable(within);
      try {
        answer = sendOnce(method, path, contentType, body, accept, within);
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
      String method, String path, String contentType, String body, String accept, Duration within) {
    Line over = line();
    HttpRequest request =
        over.client
            .newHttpRequestBuilder()
            .uri(url + path)
            .header("Accept", accept)
            .method(method, contentType, body)
            .timeout(within.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    over.asked();
    CompletableFuture<HttpResponse<byte[]>> future = over.client.sendAsync(request, byte[].class);
    try {
      HttpResponse<byte[]> response = future.get(within.toMillis(), TimeUnit.MILLISECONDS);
      over.heard();
      byte[] content = response.body();
      return new Answer(response.code(), content == null ? new byte[0] : content);
    } catch (TimeoutException e) {
      future.cancel(true);
      condemnIfSilent(over);
      throw noAnswer(within, e);
    } catch (ExecutionException e) {
      throw failed(over, within, e.getCause());
    } catch (InterruptedException e) {
      future.cancel(true);
      throw interrupted(e);
    }
  }

  private DatastoreException noAnswer(Duration within, Throwable cause) {
    return new DatastoreException(
        named() + " did not answer within " + within.toSeconds() + " s", cause);
  }

  private DatastoreException failed(Line over, Duration within, Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (isClosed()) {
      return closed(cause);
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof ConnectException || t instanceof java.net.http.HttpConnectTimeoutException) {
        reachability.lost();
        return new DatastoreException(named() + " cannot be reached: " + reason(t), cause);
      }
      if (t instanceof TimeoutException || t instanceof java.net.http.HttpTimeoutException) {
        condemnIfSilent(over);
        return noAnswer(within, cause);
      }
    }
    reachability.lost();
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
    awaitReachable(patience.answer());
    Line over = line();
    HttpRequest request =
        over.client
            .newHttpRequestBuilder()
            .uri(url + path)
            .header("Accept", JSON)
            .forStreaming()
            .build();
    ApiStream stream = new ApiStream(over);
    over.asked();
    CompletableFuture<?> future = stream.open(over.client, request);
    try {
      future.get(patience.answer().toMillis(), TimeUnit.MILLISECONDS);
      over.heard();
      return stream;
    } catch (TimeoutException e) {
      future.cancel(true);
      stream.close();
      condemnIfSilent(over);
      throw noAnswer(patience.answer(), e);
    } catch (ExecutionException e) {
      throw failed(over, patience.answer(), e.getCause());
    } catch (InterruptedException e) {
      future.cancel(true);
      stream.close();
      throw interrupted(e);
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
        probe();
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

  private void condemnIfSilent(Line over) {
    synchronized (dialling) {
      if (over != line || !over.unansweredFor(patience.answer()) || isClosed()) {
        return;
      }
      line = dial();
    }
    reachability.lost();
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
    reachability.close();
    hangUp(line);
  }
}
