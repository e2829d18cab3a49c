package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Document;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.WriteRules;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads resources' files, and remembers what it read, so that a file is parsed once for each change
 * and a broken one has an earlier version in force.
 *
 * <p>A resource's version is {@code COUNTER-DIGEST}. The counter stands in the file as {@code
 * metadata.resourceVersion} and moves with every write through a datastore; the digest is of the
 * file's bytes and is computed by whoever reads it. An editor that changes a file leaves the
 * counter and cannot help changing the digest.
 */
final class EntryCache {
  private static final Logger LOG = LoggerFactory.getLogger(EntryCache.class);

  /** Larger files are no resources. */
  private static final long MAX_SIZE = 64L << 20;

  private static final int MAX_HANDLES = 4_000;

  private final Layout layout;
  private final ToLongFunction<Resource> writes;
  private final Map<Path, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicInteger handles = new AtomicInteger(); // put since the last sweep

  /**
   * @param writes how often datastores have written a resource, or another of the same lock
   */
  EntryCache(Layout layout, ToLongFunction<Resource> writes) {
    this.layout = layout;
    this.writes = writes;
  }

  /** How a file is now; null when it is gone. */
  Entry load(Kind<?> kind, Path file) {
    try {
      Entry known = entries.get(file);
      if (known == null && !Files.exists(file)) {
        return null; // without the exception that attributes of no file cost
      }
      while (true) {
        FileIdentity before = FileIdentity.of(file);
        if (before == null) {
          deleted(file);
          return null;
        }
        if (known != null
            && before.equals(known.identity())
            && (known.settled() || isOwnLastWrite(kind, known))) {
          return known;
        }
        Instant start = Instant.now();
        byte[] content = read(file, before);
        if (content != null && before.equals(FileIdentity.of(file))) {
          return remember(kind, file, known, before, before.settledAt(start), content);
        }
      }
    } catch (IOException e) {
      throw new DatastoreException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  /** Null when the file has gone since. */
  private static byte[] read(Path file, FileIdentity identity) throws IOException {
    if (identity.size() > MAX_SIZE) {
      throw new IOException("larger than " + MAX_SIZE + " octets");
    }
    // unlike a channel, a stream is not closed when its reader is interrupted
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      if (Files.exists(file)) {
        throw e;
      }
      return null;
    }
  }

  private Entry remember(
      Kind<?> kind,
      Path file,
      Entry known,
      FileIdentity identity,
      boolean settled,
      byte[] content) {
    long digest = Digest.of(content);
    Entry entry;
    if (known != null && known.digest() == digest) {
      entry = known.seenAgain(identity, settled);
    } else {
      entry = parse(kind, file, known, identity, settled, content, digest);
    }
    put(kind, file, entry);
    return entry;
  }

  /** Handles are as many as pods in the cluster, and each is of interest to one node. */
  private void put(Kind<?> kind, Path file, Entry entry) {
    entries.put(file, entry);
    if (kind.equals(IPAMHandle.KIND) && handles.incrementAndGet() > MAX_HANDLES) {
      handles.set(0);
      Path directory = layout.kindDirectory(kind);
      entries.entrySet().removeIf(e -> e.getKey().startsWith(directory) && !e.getValue().broken());
    }
  }

  private Entry parse(
      Kind<?> kind,
      Path file,
      Entry known,
      FileIdentity identity,
      boolean settled,
      byte[] content,
      long digest) {
    try {
      Resource read = resource(kind, file, content);
      long counter = counter(read.metadata().resourceVersion());
      Resource good =
          read.withMetadata(read.metadata().withResourceVersion(version(counter, digest)));
      if (wasBroken(known)) {
        Files.deleteIfExists(layout.lastGood(file));
      }
      return new Entry(identity, settled, digest, counter, good, null, Entry.READ);
    } catch (InvalidResourceException e) {
      Resource good = known != null ? known.good() : storedLastGood(kind, file);
      long counter = known == null ? 0 : known.counter();
      Entry broken =
          new Entry(identity, settled, digest, counter, good, e.getMessage(), Entry.READ);
      if (good != null && !wasBroken(known)) {
        storeLastGood(file, good);
      }
      return broken;
    } catch (IOException e) {
      throw new DatastoreException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  private static boolean wasBroken(Entry entry) {
    return entry != null && entry.broken();
  }

  /** What a file says, when it says what a file of its name may say. */
  private Resource resource(Kind<?> kind, Path file, byte[] content) {
    String source = layout.shown(file);
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidResourceException(source + ": is not text in UTF-8");
    }
    List<Document> documents = ResourceText.parse(text, source);
    if (documents.size() != 1) {
      throw new InvalidResourceException(
          source + ": has " + documents.size() + " resources, wanted 1");
    }
    Resource resource = documents.getFirst().resource();
    if (!resource.kind().equals(kind)) {
      throw new InvalidResourceException(
          source + ": field kind: got " + resource.kind() + ", wanted " + kind);
    }
    if (!layout.file(kind, resource.key()).equals(file)) {
      throw new InvalidResourceException(
          source
              + ": field metadata.name: "
              + resource.key()
              + " belongs in the file "
              + layout.file(kind, resource.key()));
    }
    try {
      WriteRules.check(resource);
    } catch (InvalidResourceException e) {
      throw new InvalidResourceException(source + ": " + e.getMessage());
    }
    return resource;
  }

  /**
   * Whether a file is as we have written it because nobody has since. Nobody edits in the tick of
   * our own write what no human writes.
   */
  private boolean isOwnLastWrite(Kind<?> kind, Entry known) {
    return known.isOurs()
        && Layout.isProgramsOwn(kind)
        && known.writes() == writes.applyAsLong(known.good());
  }

  /**
   * What was just written and renamed into place.
   *
   * @param count as the constructor's {@code writes} gave it for this write
   */
  void wrote(
      Path file, FileIdentity identity, long digest, long counter, Resource resource, long count) {
    // never settled: an editor may have come in between the rename and the look at its identity
    put(resource.kind(), file, new Entry(identity, false, digest, counter, resource, null, count));
  }

  /** Forgets what there is no more. */
  void deleted(Path file) throws IOException {
    Entry known = entries.remove(file);
    if (wasBroken(known)) {
      Files.deleteIfExists(layout.lastGood(file));
    }
  }

  /** The number before the dash; 0 where an editor has left none. */
  static long counter(String version) {
    int end = 0;
    while (end < version.length()
        && end < 18
        && version.charAt(end) >= '0'
        && version.charAt(end) <= '9') {
      end++;
    }
    return end == 0 ? 0 : Long.parseLong(version.substring(0, end));
  }

  static String version(long counter, long digest) {
    return counter + "-" + Digest.text(digest);
  }

  /** The version that was in force when another process, or an earlier one, saw the file break. */
  private Resource storedLastGood(Kind<?> kind, Path file) {
    Path copy = layout.lastGood(file);
    try {
      List<Document> documents = ResourceText.parse(Files.readString(copy), copy.toString());
      Resource resource = documents.isEmpty() ? null : documents.getFirst().resource();
      return resource != null && resource.kind().equals(kind) ? resource : null;
    } catch (IOException | InvalidResourceException e) {
      return null; // there is none, or none of use
    }
  }

  private void storeLastGood(Path file, Resource good) {
    Path copy = layout.lastGood(file);
    try {
      Files.createDirectories(copy.getParent());
      AtomicFile.write(
          layout.aside(),
          copy,
          ResourceText.toYaml(good).getBytes(StandardCharsets.UTF_8),
          Layout.isSecret(good.kind()));
    } catch (IOException e) {
      LOG.atWarn().log("last-good-not-kept file={} reason={}", file, Reasons.of(e));
    }
  }
}
