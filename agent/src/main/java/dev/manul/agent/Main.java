package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.kernel.RulesException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program manul-agent. It ends on SIGTERM and SIGINT, with the exit code the JVM gives them
 * (143 and 130), with 1 when this node cannot be set up as configured, and with 2 for wrong usage.
 */
public final class Main {
  private static final Duration DATASTORE_RETRY = Duration.ofSeconds(2);

  private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(5);

  private Main() {}

  public static void main(String[] args) {
    int code = run(args, System.getenv());
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int run(String[] args, Map<String, String> environment) {
    Flags flags;
    try {
      flags = Flags.parse(args);
    } catch (Flags.UsageException e) {
      System.err.println("manul-agent: " + e.getMessage() + "; see manul-agent --help");
      return 2;
    }
    if (flags.question().isPresent()) {
      return answer(flags.question().get());
    }
    try {
      serve(new AgentCommand(flags).configuration(environment));
      return 0;
    } catch (AgentException | DatastoreException e) {
      System.err.println("manul-agent: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      return 0; // stopped by a signal, whose exit code the JVM gives
    }
  }

  private static int answer(Flags.Question question) {
    try {
      System.out.println(
          switch (question) {
            case HELP -> Flags.help().stripTrailing();
            case VERSION -> "manul-agent " + AgentVersion.text();
            case REMOVE_RULES -> {
              NetworkPolicies.remove(NetworkNamespace.current());
              yield "Manul's rules and sets are removed from this host's packet filters.";
            }
          });
      return 0;
    } catch (RulesException e) {
      System.err.println("manul-agent: " + e.getMessage());
      return 1;
    }
  }

  private static void serve(AgentConfiguration configuration) throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    Thread serving = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(stop, serving), "shutdown"));
    Clock clock = Clock.systemUTC();
    StartupLog startup = new StartupLog(clock);
    try (Datastore datastore = open(configuration, startup, stop)) {
      if (datastore == null) {
        return;
      }
      if (configuration.policyOnly()) {
        try (PolicyAgent agent = new PolicyAgent(configuration, datastore, startup, clock)) {
          answerUntil(stop, configuration, agent);
        }
        return;
      }
      Agent.Patience patience =
          () -> {
            if (stop.await(DATASTORE_RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
              throw new InterruptedException("stopped before the datastore was there");
            }
          };
      try (Agent agent = new Agent(configuration, datastore, startup, clock, patience)) {
        answerUntil(stop, configuration, agent);
      }
    }
  }

  /** Answers questions until the program is to stop. */
  private static void answerUntil(
      CountDownLatch stop, AgentConfiguration configuration, Answers agent)
      throws InterruptedException {
    try (StatusServer server = new StatusServer(configuration, agent)) {
      Logger log = LoggerFactory.getLogger(Main.class);
      log.info(
          "serving node={} socket={} health={}",
          configuration.nodeName(),
          configuration.controlSocket(),
          server.healthAddress());
      stop.await();
    }
  }

  /** Lets the serving thread close everything before the process goes. */
  private static void endInOrder(CountDownLatch stop, Thread serving) {
    stop.countDown();
    try {
      serving.join(SHUTDOWN_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Datastore open(AgentConfiguration.Store store) {
    return switch (store) {
      case AgentConfiguration.Store.Files(Path directory) -> FileDatastore.open(directory);
      case AgentConfiguration.Store.Kubernetes(Map<String, String> environment) ->
          KubernetesDatastore.open(KubernetesAccess.of(environment));
    };
  }

  /** Opens the datastore, waiting for it as long as it takes; null when asked to stop meanwhile. */
  private static Datastore open(
      AgentConfiguration configuration, StartupLog startup, CountDownLatch stop)
      throws InterruptedException {
    StartupLog.Step opening = startup.begin("open the datastore", configuration.store().toString());
    Logger log = LoggerFactory.getLogger(Main.class);
    while (true) {
      try {
        Datastore datastore = open(configuration.store());
        opening.done();
        return datastore;
      } catch (DatastoreException e) {
        log.warn("datastore not there, next try in {}: {}", DATASTORE_RETRY, e.getMessage());
      }
      if (stop.await(DATASTORE_RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        return null;
      }
    }
  }
}
