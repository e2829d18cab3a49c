package dev.manul.datastore.kubernetes;

import java.time.Duration;

/**
 * The times of an election by lease.
 *
 * @param duration after which a lease that was not renewed is anybody's
 * @param deadline after which a holder that could not renew takes itself for deposed; shorter than
 *     {@code duration}, so that there never are two
 * @param retry between two attempts to renew or to win
 */
record LeaseTerms(Duration duration, Duration deadline, Duration retry) {
  static final LeaseTerms USUAL =
      new LeaseTerms(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
}
