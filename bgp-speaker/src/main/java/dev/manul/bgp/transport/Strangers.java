package dev.manul.bgp.transport;

import dev.manul.bgp.SpeakerStatus.Stranger;
import dev.manul.model.Address;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has connected without being a neighbour. Each is logged once; a crowd of them is not logged
 * one by one. Any thread.
 */
final class Strangers {
  private static final Logger log = LoggerFactory.getLogger(Strangers.class);

  /** How many are remembered. */
  private static final int MOST = 64;

  /** How many are logged until one of those has been silent for {@link #CALM_SECONDS}. */
  private static final int MOST_LOGGED = 16;

  private static final long CALM_SECONDS = 600;

  private final Supplier<Instant> clock;

  /** The latest at the end. */
  private final Map<Address, Stranger> known = new LinkedHashMap<>();

  private int logged;
  private Instant calmSince = Instant.MIN;

  Strangers(Supplier<Instant> clock) {
    this.clock = clock;
  }

  synchronized void refused(Address address) {
    Instant now = clock.get();
    Stranger before = known.remove(address);
    known.put(address, new Stranger(address, before == null ? 1 : before.refused() + 1, now));
    if (known.size() > MOST) {
      known.remove(known.keySet().iterator().next());
    }
    if (before == null) {
      logFirst(address, now);
    }
    calmSince = now;
  }

  private void logFirst(Address address, Instant now) {
    if (now.minusSeconds(CALM_SECONDS).isAfter(calmSince)) {
      logged = 0;
    }
    if (logged < MOST_LOGGED) {
      logged++;
      log.info("connection refused peer={} reason=\"no such neighbor\"", address);
      if (logged == MOST_LOGGED) {
        log.info("connections refused from others will not be logged until they cease");
      }
    }
  }

  /** The latest first. */
  synchronized List<Stranger> list() {
    return new ArrayList<>(known.values()).reversed();
  }
}
