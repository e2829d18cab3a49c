package dev.manul.datastore.file;

import dev.manul.model.Resource;
import java.util.Optional;

/**
 * What is known of a resource's file.
 *
 * @param identity the state of the file that was read
 * @param settled whether the identity alone proves that the content is still the same
 * @param digest of the content that was read
 * @param counter the number of writes that the content claims
 * @param good the resource in force: of this content or, when that is broken, of an earlier one;
 *     null when no good version is known
 * @param problem what is wrong with the content, or null
 * @param writes the number of writes to the store, as far as they might have been to this file,
 *     when we wrote it ourselves; {@link #READ} when it was read
 */
record Entry(
    FileIdentity identity,
    boolean settled,
    long digest,
    long counter,
    Resource good,
    String problem,
    long writes) {

  /** In the place of a number of writes. */
  static final long READ = -1;

  boolean broken() {
    return problem != null;
  }

  /** Whether it is a file that this process has written. */
  boolean isOurs() {
    return writes != READ;
  }

  Optional<Resource> inForce() {
    return Optional.ofNullable(good);
  }

  Entry seenAgain(FileIdentity again, boolean nowSettled) {
    return new Entry(again, nowSettled, digest, counter, good, problem, READ);
  }
}
