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
 */
record Entry(
    FileIdentity identity,
    boolean settled,
    long digest,
    long counter,
    Resource good,
    String problem) {

  boolean broken() {
    return problem != null;
  }

  Optional<Resource> inForce() {
    return Optional.ofNullable(good);
  }

  Entry seenAgain(FileIdentity again, boolean nowSettled) {
    return new Entry(again, nowSettled, digest, counter, good, problem);
  }
}
