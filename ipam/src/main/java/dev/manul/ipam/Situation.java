package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.Key;
import java.time.Duration;
import java.util.List;

/** What the user has configured, as read at the start of an operation. */
record Situation(List<IPPool> pools, IPAMConfiguration.Spec settings, Reservations reservations) {

  /** The limit when nobody has set one. */
  private static final int DEFAULT_MAX_BLOCKS = 20;

  /** What 20 blocks of the default size hold; smaller blocks are limited to as many addresses. */
  private static final int DEFAULT_MAX_ADDRESSES = DEFAULT_MAX_BLOCKS * 64;

  static Situation read(Datastore datastore) {
    return new Situation(
        datastore.list(IPPool.KIND, Selection.ALL).items(),
        datastore
            .get(IPAMConfiguration.KIND, Key.of("default"))
            .map(IPAMConfiguration::spec)
            .orElse(IPAMConfiguration.Spec.DEFAULT),
        Reservations.of(datastore.list(IPReservation.KIND, Selection.ALL).items()));
  }

  Duration cooldown() {
    return Duration.ofSeconds(settings.ipCooldownSeconds());
  }

  /**
   * The most blocks of a family that a node may own and still claim another one from {@code pool}.
   *
   * @param requested the request's own limit, 0 for none
   */
  int maxBlocks(int requested, IPPool pool) {
    int configured = settings.maxBlocksPerHost();
    if (requested > 0 || configured > 0) {
      return Math.min(
          requested > 0 ? requested : Integer.MAX_VALUE,
          configured > 0 ? configured : Integer.MAX_VALUE);
    }
    int hostBits = pool.spec().cidr().family().bits() - pool.spec().blockSize();
    return Math.max(DEFAULT_MAX_BLOCKS, DEFAULT_MAX_ADDRESSES >> hostBits);
  }
}
