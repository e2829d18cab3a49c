package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
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

  /** How many files of removed attachments are kept. */
  private static final int SPARES = 64;

  /** The smallest page of any kernel, in octets. */
  private static final int PAGE = 4096;

  /** The size of a usual attachment's file: that of its first state and of its last. */
  private static final int FILLED_UP_TO = 1024;

  private final Path directory;
  private final Path aside;
  private final Map<AttachmentKey, Attachment> all = new ConcurrentHashMap<>();
  private final AtomicLong count = new AtomicLong();

  /**
   * Files of removed attachments, for later ones: a file system passes over every inode that was
   * freed lately when it makes a file, which costs more than all else that is done with one.
   */
  private final Deque<Path> spares = new ArrayDeque<>(SPARES); // guarded by itself

  private AttachmentStore(Path directory) {
    this.directory = directory;
    this.aside = directory.resolveSibling(directory.getFileName() + ".spare");
  }

  /**
   * Reads what there is. A file that cannot be read is put aside: its container's addresses are
   * found by the collection of garbage.
   */
  static AttachmentStore open(Path directory) throws IOException {
    AttachmentStore store = new AttachmentStore(directory);
    Files.createDirectories(directory);
    Files.createDirectories(store.aside);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store.aside)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
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
    } else if (name.endsWith(ENDING) && Files.size(file) == 0) {
      Files.deleteIfExists(file); // made by an ADD that had not begun
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
    Path target = file(attachment.key());
    byte[] content = attachment.toJson().getBytes(StandardCharsets.UTF_8);
    try {
      Path spare = all.containsKey(attachment.key()) ? null : spare();
      if (attachment.phase() == Phase.RELEASING || !overwrite(spare, target, content)) {
        replace(target, content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target, e);
    }
    all.put(attachment.key(), attachment);
  }

  /**
   * Writes in place, for a tenth of what a new file and a rename cost. What is within one page the
   * kernel takes over whole, or not at all when the process is killed; and as it is filled up with
   * blanks to the same size or a larger one, nothing is left of what was there.
   *
   * @param spare a file to write to and to rename then; null to write to the target itself
   * @return false when it is too large for that, and nothing is written
   */
  private static boolean overwrite(Path spare, Path target, byte[] content) throws IOException {
    if (content.length > PAGE) {
      return false;
    }
    Path place = spare == null ? target : spare;
    try (RandomAccessFile file = new RandomAccessFile(place.toFile(), "rw")) {
      long before = file.length();
      if (before > PAGE) {
        return false;
      }
      int size = Math.max(FILLED_UP_TO, (int) Math.max(before, content.length));
      byte[] filled = Arrays.copyOf(content, size);
      Arrays.fill(filled, content.length, size, (byte) ' ');
      file.write(filled);
    }
    if (spare != null) {
      Files.move(spare, target, StandardCopyOption.ATOMIC_MOVE);
    }
    return true;
  }

  private Path spare() {
    synchronized (spares) {
      return spares.poll();
    }
  }

  /** Writes aside, to the disk, and renames into place. */
  private void replace(Path target, byte[] content) throws IOException {
    Path written = target.resolveSibling(UNFINISHED + count.incrementAndGet());
    try (FileOutputStream out = new FileOutputStream(written.toFile())) {
      out.write(content);
      out.getFD().sync();
    }
    Files.move(
        written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  void remove(AttachmentKey key) {
    Path file = file(key);
    try {
      if (!keep(file)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
    all.remove(key);
  }

  /** Makes a spare one of a file; false when there are enough, or no such file. */
  private boolean keep(Path file) throws IOException {
    synchronized (spares) {
      if (spares.size() >= SPARES) {
        return false;
      }
    }
    Path spare = aside.resolve(Long.toString(count.incrementAndGet()));
    try {
      Files.move(file, spare, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      return false;
    }
    synchronized (spares) {
      return spares.add(spare);
    }
  }

  private Path file(AttachmentKey key) {
    return directory.resolve(key.fileName() + ENDING);
  }
}
