package dev.manul.datastore.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/**
 * Which state of a file it is, without reading it: the kernel changes at least one of these
 * whenever content changes, and nobody can set the change time back.
 *
 * <p>The change time counts in ticks of the kernel (1 to 10 ms), so that two writes within one tick
 * may look alike. What was read shortly after its change time is therefore {@linkplain #settledAt
 * not settled} and must be compared by content.
 */
record FileIdentity(long inode, long size, Instant changed) {

  /** More than any kernel's tick. */
  private static final long UNSETTLED_MILLIS = 50;

  /** The identity of a file; null when there is none. */
  static FileIdentity of(Path file) throws IOException {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(file, "unix:ino,size,ctime", LinkOption.NOFOLLOW_LINKS);
      return new FileIdentity(
          (Long) attributes.get("ino"),
          (Long) attributes.get("size"),
          ((FileTime) attributes.get("ctime")).toInstant());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Whether a content read at {@code time} is sure to be this state's for good. */
  boolean settledAt(Instant time) {
    return changed.isBefore(time.minusMillis(UNSETTLED_MILLIS));
  }
}
