package dev.manul.datastore.file;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Resources in a directory of YAML files, one a file, shared by any number of processes of one
 * machine.
 *
 * <p><b>Layout.</b> {@code DIRECTORY/PLURAL/NAME.yaml}, or {@code
 * DIRECTORY/PLURAL/NAMESPACE/NAME.yaml}. Hidden names are the datastore's own: {@code .lock},
 * {@code .good}, and {@code .tmp} for files being written. Files may be made, edited and removed by
 * hand; the name in a file must be the file's.
 *
 * <p><b>Versions.</b> {@code COUNTER-DIGEST}: the counter stands in the file and moves with every
 * write through a datastore, the digest is of the file's bytes. Whatever changes a file changes its
 * version. A file that is edited by hand back to what it was has its old version again.
 *
 * <p><b>Writes</b> go to a file aside, which is synced and, under a lock of the directory, renamed
 * into place if the stored version still is the expected one; then the directory is synced. When a
 * write has returned it survives a crash of the machine; one that was cut short left the old state
 * or the new one. BlockAffinity, IPAMBlock, IPAMHandle and WorkloadEndpoint are not synced: they
 * are safe when processes die, but a crash of the machine, which ends all that they are about, may
 * take their last seconds away. A file of theirs that it leaves broken counts as absent and is
 * replaced.
 *
 * <p><b>Broken files.</b> The last good version stays in force: in the memory of processes that
 * have seen it, and for those that come later in a copy which the first process to see the file
 * broken makes. Where no good version was ever seen, the resource counts as absent in {@code get}
 * and {@code list}, which names the problem. {@code create} and an {@code update} with a version
 * are refused while a file of another kind is broken, so that no edit in progress is lost; an
 * {@code update} without a version replaces it, and {@code delete} removes it.
 *
 * <p><b>Lists</b> are of one state of the kind, as far as writes go through datastores.
 *
 * <p><b>A directory that goes away</b> is not an empty one: reads and writes fail, watches tell
 * nothing but the problem, and all goes on when it is back ({@link Presence}).
 *
 * <p><b>Read-only directories</b> can be read and watched.
 */
public final class FileDatastore implements Datastore {

  /** How often a list is begun anew because of writes before it keeps writers out. */
  private static final int OPEN_LISTS = 3;

  private final Layout layout;
  private final EntryCache cache;
  private final Presence presence;
  private final StoreLock lock;
  private final SpareFiles spares;
  private final Optional<IOException> readOnly;
  private final List<Campaign> campaigns = new CopyOnWriteArrayList<>();
  private DirectoryWatcher watcher; // guarded by this
  private boolean closed; // guarded by this

  private FileDatastore(
      Layout layout, Presence presence, StoreLock lock, Optional<IOException> readOnly) {
    this.layout = layout;
    this.presence = presence;
    this.cache =
        new EntryCache(layout, resource -> lock.counter(number(resource), stripe(resource)));
    this.lock = lock;
    this.spares = new SpareFiles(layout.aside());
    this.readOnly = readOnly;
  }

  /**
   * Opens a directory, which is made when it is not there.
   *
   * @throws DatastoreException when it is none, cannot be made or cannot be read
   */
  public static FileDatastore open(Path directory) {
    Layout layout = new Layout(directory.toAbsolutePath().normalize());
    try {
      if (!Files.isDirectory(layout.directory())) {
        if (Files.exists(layout.directory())) {
          throw new DatastoreException("cannot open datastore " + directory + ": not a directory");
        }
        Files.createDirectories(layout.directory());
      }
      return new FileDatastore(
          layout,
          Presence.of(layout.directory()),
          StoreLock.open(layout.lockFile()),
          prepare(layout));
    } catch (IOException e) {
      throw new DatastoreException("cannot open datastore " + directory + ": " + Reasons.of(e), e);
    }
  }

  /** Makes the directories; what keeps it from that keeps it from writing at all. */
  private static Optional<IOException> prepare(Layout layout) {
    try {
      for (Kind<?> kind : Kinds.ALL) {
        Files.createDirectories(layout.kindDirectory(kind));
      }
      Files.createDirectories(layout.aside());
      AtomicFile.sweep(layout.aside());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  /** Whether resources of this kind are kept here; Kubernetes' own are not. */
  private static boolean isKept(Kind<?> kind) {
    return Kinds.ALL.contains(kind);
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    if (!isKept(kind)) {
      return Optional.empty();
    }
    Entry entry = cache.load(kind, layout.file(kind, key));
    if (entry == null) {
      presence.require();
    }
    return entry == null ? Optional.empty() : entry.inForce().map(kind.type()::cast);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    if (!isKept(kind)) {
      return new Listing<>(List.of(), List.of());
    }
    presence.require();
    int number = Kinds.ALL.indexOf(kind);
    for (int i = 0; i < OPEN_LISTS; i++) {
      byte[] before = lock.counters(number);
      Listing<R> listing = scan(kind, selection);
      if (Arrays.equals(before, lock.counters(number))) {
        return listing;
      }
    }
    try {
      lock.acquireAll(number);
    } catch (IOException e) {
      throw new DatastoreException(
          "cannot read " + layout.kindDirectory(kind) + ": " + Reasons.of(e), e);
    }
    try {
      return scan(kind, selection);
    } finally {
      lock.release();
    }
  }

  private <R extends Resource> Listing<R> scan(Kind<R> kind, Selection selection) {
    List<R> items = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Path file : ResourceFiles.of(layout, kind, selection.namespace())) {
      Entry entry = cache.load(kind, file);
      if (entry == null) {
        continue;
      }
      entry.inForce().filter(selection::admits).map(kind.type()::cast).ifPresent(items::add);
      if (entry.broken()) {
        problems.add(entry.problem());
      }
    }
    items.sort(Comparator.comparing(Resource::key));
    problems.sort(Comparator.naturalOrder());
    return new Listing<>(items, problems);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return put(resource, true);
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return put(resource, false);
  }

  private <R extends Resource> WriteResult<R> put(R resource, boolean create) {
    refuseForeign(resource);
    WriteRules.check(resource);
    Path file = layout.file(resource.kind(), resource.key());
    requireWritable(file);
    while (true) {
      Entry current = cache.load(resource.kind(), file);
      Optional<WriteResult<R>> refused =
          create ? refuseCreate(resource.kind(), current) : refuseUpdate(resource, current);
      if (refused.isPresent()) {
        return refused.get();
      }
      Optional<R> written = replace(resource, file, current);
      if (written.isPresent()) {
        return new WriteResult.Written<>(written.get());
      }
    }
  }

  private <R extends Resource> Optional<WriteResult<R>> refuseCreate(Kind<?> kind, Entry current) {
    if (current == null || isWreck(kind, current)) {
      return Optional.empty();
    }
    refuseBroken(current);
    return Optional.of(conflict(current));
  }

  private <R extends Resource> Optional<WriteResult<R>> refuseUpdate(R resource, Entry current) {
    String expected = resource.metadata().resourceVersion();
    if (current == null || isWreck(resource.kind(), current)) {
      return Optional.of(conflict(null));
    }
    if (!expected.isEmpty()) {
      refuseBroken(current);
      if (!expected.equals(current.good().metadata().resourceVersion())) {
        return Optional.of(conflict(current));
      }
    }
    if (current.good() != null) {
      WriteRules.checkChange(current.good(), resource);
    }
    return Optional.empty();
  }

  /** What a crash of the machine has left of a program's file, which counts as absent. */
  private static boolean isWreck(Kind<?> kind, Entry current) {
    return current.broken() && current.good() == null && Layout.isProgramsOwn(kind);
  }

  private static void refuseBroken(Entry current) {
    if (current.broken()) {
      throw new DatastoreException(
          current.problem() + "; repair or delete the file before it can be written");
    }
  }

  @SuppressWarnings("unchecked") // an entry's resource is of the kind of its directory
  private static <R extends Resource> WriteResult<R> conflict(Entry current) {
    return new WriteResult.Conflict<>(
        Optional.ofNullable(current).flatMap(Entry::inForce).map(stored -> (R) stored));
  }

  /**
   * Writes a resource if the stored state still is {@code current}.
   *
   * @return what was written; empty when the state is another by now
   */
  @SuppressWarnings("unchecked") // withMetadata gives the same kind of record
  private <R extends Resource> Optional<R> replace(R resource, Path file, Entry current) {
    long counter = current == null ? 1 : current.counter() + 1;
    Metadata metadata = metadata(resource, current, Long.toString(counter));
    byte[] content =
        ResourceText.toYaml(resource.withMetadata(metadata)).getBytes(StandardCharsets.UTF_8);
    long digest = Digest.of(content);
    R written =
        (R)
            resource.withMetadata(
                metadata.withResourceVersion(EntryCache.version(counter, digest)));
    boolean sync = !Layout.isProgramsOwn(resource.kind());
    Path prepared = null;
    try {
      if (resource.kind().namespaced() && !Files.isDirectory(file.getParent())) {
        Files.createDirectories(file.getParent());
      }
      prepared =
          sync
              ? AtomicFile.prepare(layout.aside(), content, Layout.isSecret(resource.kind()))
              : spares.write(content);
      lock.acquire(number(resource), stripe(resource));
      try {
        if (!same(current, cache.load(resource.kind(), file))) {
          return Optional.empty();
        }
        checkAgainstOthers(resource, current == null);
        long writes = lock.advance(number(resource), stripe(resource));
        if (!sync && current != null && current.isOurs()) {
          spares.replace(prepared, file);
        } else {
          AtomicFile.rename(prepared, file);
        }
        prepared = null;
        FileIdentity identity = FileIdentity.of(file);
        if (identity != null) {
          cache.wrote(file, identity, digest, counter, written, writes);
        }
      } finally {
        lock.release();
      }
      if (sync) {
        AtomicFile.syncDirectory(file.getParent());
      }
      return Optional.of(written);
    } catch (IOException e) {
      throw new DatastoreException("cannot write " + file + ": " + Reasons.of(e), e);
    } finally {
      discard(prepared);
    }
  }

  private static int number(Resource resource) {
    return Kinds.ALL.indexOf(resource.kind());
  }

  /** Resources that are looked at beside one another are locked alike. */
  private static int stripe(Resource resource) {
    return WriteRules.needsOthers(resource.kind()) ? 0 : resource.key().toString().hashCode();
  }

  private static Metadata metadata(Resource resource, Entry current, String version) {
    Metadata given = resource.metadata();
    if (current != null && current.good() != null) {
      Metadata stored = current.good().metadata();
      // a file made by hand has no identity until it is first written
      if (!stored.uid().isEmpty()) {
        return given.created(stored.uid(), stored.creationTimestamp(), version);
      }
    }
    return given.created(
        UUID.randomUUID().toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        version);
  }

  private static boolean same(Entry one, Entry other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.digest() == other.digest();
  }

  private void checkAgainstOthers(Resource resource, boolean isNew) {
    List<Resource> others = new ArrayList<>();
    for (Kind<?> kind : WriteRules.neighbours(resource.kind(), isNew)) {
      others.addAll(scan(kind, Selection.ALL).items());
    }
    WriteRules.checkAgainst(resource, others);
  }

  private static void discard(Path prepared) {
    if (prepared != null) {
      try {
        Files.deleteIfExists(prepared);
      } catch (IOException e) {
        // swept later
      }
    }
  }

  @Override
  @SuppressWarnings("unchecked") // an entry's resource is of the kind of its directory
  public <R extends Resource> WriteResult<R> delete(R resource) {
    refuseForeign(resource);
    Kind<?> kind = resource.kind();
    Path file = layout.file(kind, resource.key());
    requireWritable(file);
    Entry current;
    try {
      lock.acquire(number(resource), stripe(resource));
      try {
        current = cache.load(kind, file);
        if (current == null || isStale(resource, current)) {
          return conflict(current);
        }
        var _ = lock.advance(number(resource), stripe(resource));
        if (current.isOurs() && Layout.isProgramsOwn(kind)) {
          spares.remove(file);
        } else {
          Files.delete(file);
        }
        cache.deleted(file);
      } finally {
        lock.release();
      }
      if (!Layout.isProgramsOwn(kind)) {
        AtomicFile.syncDirectory(file.getParent());
      }
    } catch (IOException e) {
      throw new DatastoreException("cannot delete " + file + ": " + Reasons.of(e), e);
    }
    return new WriteResult.Written<>(current.good() == null ? resource : (R) current.good());
  }

  private static boolean isStale(Resource resource, Entry current) {
    String expected = resource.metadata().resourceVersion();
    return !expected.isEmpty()
        && current.good() != null
        && !expected.equals(current.good().metadata().resourceVersion());
  }

  private static void refuseForeign(Resource resource) {
    if (!isKept(resource.kind())) {
      throw new InvalidResourceException(
          resource.kind() + " " + resource.key() + ": is Kubernetes' own; no file keeps it");
    }
  }

  private void requireWritable(Path file) {
    synchronized (this) {
      if (closed) {
        throw new DatastoreException("the datastore " + layout.directory() + " is closed");
      }
    }
    presence.require();
    readOnly.ifPresent(
        e -> {
          throw new DatastoreException("cannot write " + file + ": " + Reasons.of(e), e);
        });
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    synchronized (this) {
      if (closed) {
        throw new DatastoreException("the datastore " + layout.directory() + " is closed");
      }
      if (!isKept(kind)) {
        return nothingOf(sink);
      }
      if (watcher == null) {
        try {
          watcher = DirectoryWatcher.start(layout, presence, cache);
        } catch (IOException e) {
          throw new DatastoreException(
              "cannot watch " + layout.directory() + ": " + Reasons.of(e), e);
        }
      }
      return watcher.add(kind, selection, sink);
    }
  }

  /** A watch of a kind of which there never is anything. */
  private static Watch nothingOf(Sink<?> sink) {
    Thread telling = Thread.ofVirtual().name("datastore-nothing").start(sink::synced);
    return telling::interrupt;
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    Path file = layout.directory().resolve(".office-" + Layout.encode(office));
    Campaign campaign = new FileCandidacy(file, office, candidate, listener);
    campaigns.add(campaign);
    return campaign;
  }

  @Override
  public void close() {
    campaigns.forEach(Campaign::close);
    closeFiles();
  }

  private synchronized void closeFiles() {
    if (!closed) {
      closed = true;
      if (watcher != null) {
        watcher.close();
      }
      lock.close();
    }
  }
}
