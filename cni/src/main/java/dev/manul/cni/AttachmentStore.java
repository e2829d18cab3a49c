package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All attachments of this node: in memory, and each in a file that is there whole or not at all.
 *
 * <p>A file outlives the process. It need not outlive the machine before its container's deletion
 * was acknowledged: after a crash of the machine there are no containers, and the runtime deletes
 * those it remembers. So only what is to be released later is synced.
 */
final class AttachmentStore {
  private static final Logger LOG = LoggerFactory.getLogger(AttachmentStore.class);

  private static final String ENDING = ".json";
  private static final String UNFINISHED = ".tmp-";

  private final Path directory;
  private final Map<AttachmentKey, Attachment> all = new ConcurrentHashMap<>();
  private final AtomicLong count = new AtomicLong();

  private AttachmentStore(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads what there is. A file that cannot be read is put aside: its container's addresses are
   * found by the collection of garbage.
   */
  static AttachmentStore open(Path directory) throws IOException {
    AttachmentStore store = new AttachmentStore(directory);
    Files.createDirectories(directory);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        store.load(file);
      }
    }
    return store;
  }

  private void load(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.startsWith(UNFINISHED)) {
      Files.deleteIfExists(file);
    } else if (name.endsWith(ENDING)) {
      try {
        Attachment attachment = Attachment.ofJson(Json.object(Files.readString(file)));
        all.put(attachment.key(), attachment);
      } catch (IOException | IllegalArgumentException e) {
        LOG.error("file={} problem={} action=\"put aside\"", file, e.getMessage());
        Files.move(file, file.resolveSibling(name + ".bad"), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  Optional<Attachment> get(AttachmentKey key) {
    return Optional.ofNullable(all.get(key));
  }

  Collection<Attachment> all() {
    return List.copyOf(all.values());
  }

  int count(Phase phase) {
    return (int) all.values().stream().filter(a -> a.phase() == phase).count();
  }

  /** Whether there is another attachment, not yet released, of the same container and network. */
  boolean shared(Attachment attachment) {
    return all.values().stream()
        .anyMatch(
            other ->
                !other.key().equals(attachment.key())
                    && other.handle().equals(attachment.handle())
                    && other.phase() != Phase.RELEASING);
  }

  /** Which attachment's a device is: the latest that was begun, as a later one replaces it. */
  Optional<Attachment> owner(String device) {
    return all.values().stream()
        .filter(a -> a.device().equals(device) && a.phase() != Phase.RELEASING)
        .max(Comparator.comparing(Attachment::since).thenComparing(a -> a.key().toString()));
  }

  /** Keeps an attachment in the place of the one of its key. */
  void put(Attachment attachment) {
    boolean sync = attachment.phase() == Phase.RELEASING;
    Path target = file(attachment.key());
    Path aside = target.resolveSibling(UNFINISHED + count.incrementAndGet());
    try {
      try (FileOutputStream out = new FileOutputStream(aside.toFile())) {
        out.write(attachment.toJson().getBytes(StandardCharsets.UTF_8));
        if (sync) {
          out.getFD().sync();
        }
      }
      Files.move(
          aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (sync) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target, e);
    }
    all.put(attachment.key(), attachment);
  }

  void remove(AttachmentKey key) {
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file(key), e);
    }
    all.remove(key);
  }

  private Path file(AttachmentKey key) {
    return directory.resolve(key.fileName() + ENDING);
  }
}
