package dev.manul.datastore.kubernetes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait for the API.
 *
 * @param answer after which a request has failed
 * @param silence after which a quiet connection is tried with a small request
 * @param longestPause the longest time between two attempts to reach an API that is away
 * @param unserved the longest time between two looks for a kind that the API does not serve, and
 *     how long one that it did serve must be away to count as gone
 */
record Patience(Duration answer, Duration silence, Duration longestPause, Duration unserved) {

  static final Patience USUAL =
      new Patience(
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2));

  /** The pause before a first new attempt is at most this. */
  private static final long FIRST_PAUSE_MILLIS = 500;

  /**
   * Milliseconds to wait before a kind is looked for again that was not served: soon at first,
   * since a server that is starting may not know its kinds yet.
   *
   * @param times how often it was looked for, from 1
   */
  long unservedPause(int times, RandomGenerator random) {
    long bound = Math.min(FIRST_PAUSE_MILLIS << Math.min(times, 20), unserved.toMillis());
    return bound - random.nextLong(bound / 2 + 1);
  }

  /**
   * Milliseconds to wait before the next attempt: evenly between none and a bound that doubles with
   * each failure. Since nothing of it is fixed, those who lost the API at one instant come back
   * spread over all of the bound.
   *
   * @param failures attempts that failed in a row, from 1
   */
  long pause(int failures, RandomGenerator random) {
    long bound = FIRST_PAUSE_MILLIS << Math.min(failures - 1, 20);
    return random.nextLong(Math.min(bound, longestPause.toMillis()) + 1);
  }
}
