package dev.manul.datastore.file;

import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Secret;
import dev.manul.model.WorkloadEndpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where in the directory what is: {@code PLURAL/NAME.yaml}, or {@code PLURAL/NAMESPACE/NAME.yaml}
 * for a namespaced kind.
 *
 * <p>Names that are no plain file names are written with {@code %XX}, very long ones are cut and
 * end in a digest; so no name leads out of the directory, and two names never share a file. A
 * file's name is checked by encoding the name in it, never by decoding.
 */
final class Layout {

  /** What resources' files end in. */
  static final String SUFFIX = ".yaml";

  /** Bytes of an encoded name; with suffix and a digest it stays below the 255 of file systems. */
  private static final int MAX_NAME = 200;

  private static final String HEX = "0123456789abcdef";

  /** Kinds that programs keep and people look at. */
  private static final Set<Kind<?>> PROGRAMS_OWN =
      Set.of(BlockAffinity.KIND, IPAMBlock.KIND, IPAMHandle.KIND, WorkloadEndpoint.KIND);

  private final Path directory;

  Layout(Path directory) {
    this.directory = directory;
  }

  /**
   * Whether resources of this kind are programs' own books of what runs on the machine. After a
   * crash of the machine nothing of it runs any more, so they are not synced to disk; and a file of
   * theirs that is broken is no edit in progress, so it may be replaced.
   */
  static boolean isProgramsOwn(Kind<?> kind) {
    return PROGRAMS_OWN.contains(kind);
  }

  /** Whether nobody but its owner may read what is of this kind. */
  static boolean isSecret(Kind<?> kind) {
    return kind.equals(Secret.KIND);
  }

  Path directory() {
    return directory;
  }

  /** The file whose locks and counters order the writers. */
  Path lockFile() {
    return directory.resolve(".lock");
  }

  /** Where files are written before they are renamed into place. */
  Path aside() {
    return directory.resolve(".tmp");
  }

  Path kindDirectory(Kind<?> kind) {
    return directory.resolve(directoryName(kind));
  }

  /**
   * The plural, which Kubernetes' kinds share with some of Manul's own; so they add their group.
   */
  static String directoryName(Kind<?> kind) {
    return kind.isOwn()
        ? kind.plural()
        : kind.plural() + "." + kind.apiVersion().replaceFirst("/.*", "");
  }

  /** The directory that a resource's file is in. */
  Path directoryOf(Kind<?> kind, Key key) {
    Path kindDirectory = kindDirectory(kind);
    return kind.namespaced() ? kindDirectory.resolve(encode(key.namespace())) : kindDirectory;
  }

  Path file(Kind<?> kind, Key key) {
    return directoryOf(kind, key).resolve(encode(key.name()) + SUFFIX);
  }

  /** Where the version in force is kept while {@code file} is broken. */
  Path lastGood(Path file) {
    return directory.resolve(".good").resolve(directory.relativize(file));
  }

  /** {@code file} as messages name it. */
  String shown(Path file) {
    return directory.resolve(file).toString();
  }

  /** Whether a file of this name is a resource's: not hidden, not an editor's copy. */
  static boolean isResourceFile(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) && !name.startsWith(".");
  }

  static String encode(String name) {
    StringBuilder encoded = new StringBuilder(name.length());
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || (c == '.' && !encoded.isEmpty());
      if (plain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    if (encoded.isEmpty()) {
      return "%"; // no name encodes to this
    }
    if (encoded.length() > MAX_NAME) {
      String digest = Digest.text(Digest.of(name.getBytes(StandardCharsets.UTF_8)));
      return encoded.substring(0, MAX_NAME) + "%-" + digest;
    }
    return encoded.toString();
  }
}
