package dev.manul.cni;

/**
 * What the CNI server has done since it was started, and what it has before it.
 *
 * @param attachments links of containers that are wired
 * @param releasing attachments whose addresses are to be released once the datastore is back
 * @param queued deletions that the host's program left while nobody listened
 * @param adds attachments made
 * @param deletions attachments removed
 * @param failures requests answered with an error
 * @param addMillis the median time of the latest ADDs, in milliseconds; 0 before the first
 * @param deleteMillis the median time of the latest DELs, in milliseconds; 0 before the first
 * @param lastError the latest error, or ""
 */
public record CniStatus(
    int attachments,
    int releasing,
    int queued,
    long adds,
    long deletions,
    long failures,
    double addMillis,
    double deleteMillis,
    String lastError) {}
