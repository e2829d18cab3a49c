package dev.manul.ipam;

import java.time.Instant;
import java.util.Optional;

/**
 * How the collection of garbage stands.
 *
 * @param leading whether this process is the one that collects; the counts below are of its time in
 *     office and stay after it
 * @param candidates allocations that look leaked and are within their grace
 * @param confirmed allocations that are leaked and not yet released
 * @param releasedAddresses addresses released since the process started
 * @param releasedBlocks blocks taken from nodes since the process started
 * @param lastPass when everything was last looked at; empty for not yet
 * @param problem why the last pass could not do its work, in one line; empty when it could
 */
public record GarbageStatus(
    boolean leading,
    int candidates,
    int confirmed,
    long releasedAddresses,
    long releasedBlocks,
    Optional<Instant> lastPass,
    Optional<String> problem) {

  static final GarbageStatus IDLE =
      new GarbageStatus(false, 0, 0, 0, 0, Optional.empty(), Optional.empty());
}
