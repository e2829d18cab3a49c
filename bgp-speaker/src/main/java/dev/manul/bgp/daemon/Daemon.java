package dev.manul.bgp.daemon;

import dev.manul.bgp.BestPathChange;
import dev.manul.bgp.BestPathListener;
import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerOptions;
import dev.manul.bgp.SpeakerStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A speaker and its control socket, as a file configures them. Used by one thread. */
final class Daemon implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final Speaker speaker;
  private DaemonConfiguration configuration;
  private JsonServer control;

  private Daemon(Speaker speaker, DaemonConfiguration configuration) {
    this.speaker = speaker;
    this.configuration = configuration;
  }

  /**
   * Starts; returns when all addresses are listened on.
   *
   * @throws IOException naming what cannot be listened on
   */
  static Daemon start(DaemonConfiguration configuration, SpeakerOptions options)
      throws IOException {
    Daemon daemon =
        new Daemon(Speaker.start(options, NextHopResolver.always(), new Unheard()), configuration);
    boolean started = false;
    try {
      daemon.speaker.configure(configuration.speaker());
      daemon.speaker.monitor(configuration.stations());
      daemon.awaitListening();
      daemon.openControl();
      started = true;
      return daemon;
    } finally {
      if (!started) {
        daemon.close();
      }
    }
  }

  private void awaitListening() throws IOException {
    int wanted = configuration.speaker().listen().size();
    SpeakerStatus status = speaker.status();
    while (status.listening().size() < wanted && status.problems().isEmpty()) {
      LockSupport.parkNanos(1_000_000); // the speaker tells of its sockets only when asked
      status = speaker.status();
    }
    if (!status.problems().isEmpty()) {
      throw new IOException(String.join("; ", status.problems()));
    }
  }

  private void openControl() throws IOException {
    if (configuration.control().isPresent()) {
      JsonServer server = new JsonServer(new ControlApi(speaker));
      try {
        server.listen(configuration.control().get());
      } catch (IOException e) {
        server.close();
        throw e;
      }
      control = server;
    }
  }

  private void closeControl() {
    if (control != null) {
      control.close();
      control = null;
    }
  }

  /** Takes over what the file says now; a file that cannot be used changes nothing. */
  void reload(Path file) {
    try {
      DaemonConfiguration next = DaemonConfiguration.read(file);
      Optional<Path> before = configuration.control();
      configuration = next;
      speaker.configure(next.speaker());
      speaker.monitor(next.stations());
      if (!before.equals(next.control())) {
        closeControl();
        openControl();
      }
      log.info("configuration reloaded file={}", file);
    } catch (ConfigurationException | IOException e) {
      log.error("reload failed reason=\"{}\"", e.getMessage());
    }
  }

  /** Ends with a Cease to every neighbour. */
  @Override
  public void close() {
    speaker.closeWithCease();
    closeControl();
  }

  /** Best paths are for inspection only: the daemon writes no kernel routes. */
  private static final class Unheard implements BestPathListener {
    @Override
    public void changed(List<BestPathChange> batch) {
      log.debug("best paths changed count={}", batch.size());
    }

    @Override
    public boolean wantsChanges() {
      return log.isDebugEnabled();
    }

    @Override
    public void converged() {
      log.info("converged");
    }
  }
}
