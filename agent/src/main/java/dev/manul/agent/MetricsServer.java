package dev.manul.agent;

import dev.manul.bgp.daemon.JsonServer;
import dev.manul.model.FelixConfiguration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics} where Felix does, on port 9091, when {@code prometheusMetricsEnabled}
 * says so. One thread at a time may use it.
 */
final class MetricsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);
  private static final int PORT = 9091;
  private static final String ALL_ADDRESSES = "0.0.0.0";

  private final Supplier<String> metrics;
  private final Map<String, String> environment;
  private Settings settings = new Settings(false, "", 0);
  private volatile String problem = "";
  private JsonServer server;

  private record Settings(boolean enabled, String host, int port) {}

  /**
   * @param metrics gives the text; may wait for the kernel
   */
  MetricsServer(Supplier<String> metrics, Map<String, String> environment) {
    this.metrics = metrics;
    this.environment = environment;
  }

  /** Takes the settings of the cluster into account; the environment comes before them. */
  void look(Optional<FelixConfiguration> felix) {
    Settings wanted;
    try {
      wanted = settings(felix);
    } catch (IllegalArgumentException e) {
      problem = e.getMessage();
      return;
    }
    if (!wanted.equals(settings)) {
      close();
      settings = wanted;
      problem = "";
      if (wanted.enabled()) {
        open(wanted);
      }
    }
  }

  /** What is wrong, or "". Any thread. */
  String problem() {
    return problem;
  }

  private Settings settings(Optional<FelixConfiguration> felix) {
    String enabled = setting(felix, "prometheusMetricsEnabled", "false");
    String port = setting(felix, "prometheusMetricsPort", Integer.toString(PORT));
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          "prometheusMetricsPort: \"" + port + "\" is not within 0 to 65535");
    }
    String host = setting(felix, "prometheusMetricsHost", ALL_ADDRESSES);
    return switch (enabled.toLowerCase(Locale.ROOT)) {
      case "true" -> new Settings(true, host, Integer.parseInt(port));
      case "false" -> new Settings(false, host, Integer.parseInt(port));
      default ->
          throw new IllegalArgumentException(
              "prometheusMetricsEnabled: \"" + enabled + "\" is not true or false");
    };
  }

  private String setting(Optional<FelixConfiguration> felix, String name, String absent) {
    String given = environment.getOrDefault("FELIX_" + name.toUpperCase(Locale.ROOT), "");
    if (!given.isEmpty()) {
      return given;
    }
    return felix
        .map(one -> one.spec().further().get(name))
        .map(Object::toString)
        .filter(text -> !text.isEmpty())
        .orElse(absent);
  }

  private void open(Settings wanted) {
    server = new JsonServer(this::answer);
    try {
      InetSocketAddress bound = server.listen(new InetSocketAddress(wanted.host(), wanted.port()));
      log.info("event=metrics_served address={}", bound);
    } catch (IOException e) {
      problem = "no metrics: " + e.getMessage();
      log.error("event=metrics_not_served cause=\"{}\"", e.getMessage());
    }
  }

  private Optional<JsonServer.Answer> answer(String path) {
    return path.equals("/metrics")
        ? JsonServer.Answer.ok(new JsonServer.Text(PolicyMetrics.type(), metrics.get()))
        : Optional.empty();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
      server = null;
    }
  }
}
