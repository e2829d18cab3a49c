package dev.manul.bgp.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a daemon's programs are.
 *
 * @param root a tree to chroot into; empty for this machine's own packages
 * @param suite what to call it
 */
record Installation(Optional<Path> root, String suite) {

  /** Where src/test/peers/provide has put newer daemons. */
  private static final Path NEWER =
      Path.of(
          Optional.ofNullable(System.getenv("MANUL_PEERS_DIR"))
              .orElse(
                  Optional.ofNullable(System.getenv("MANUL_ROOT")).orElse("..") + "/.cache/peers"));

  static final Installation HERE = new Installation(Optional.empty(), "Debian 12");
  static final Installation NEXT =
      new Installation(Optional.of(NEWER.toAbsolutePath().normalize()), "Debian testing");

  /** The tree needs the lab's files, which are below /tmp. */
  private static final String ENTER =
      "mount --rbind /dev \"$0/dev\" && mount -t proc proc \"$0/proc\" && "
          + "mount --bind /tmp \"$0/tmp\" && mount -t tmpfs tmpfs \"$0/run\" && mkdir \"$0/run/openbgpd\" && "
          + "exec chroot \"$0\" \"$@\"";

  /** Sees to it that the newer daemons are there. */
  static void provide() throws IOException {
    Lab.run("src/test/peers/provide", NEWER.toString());
  }

  /** The words that run a command there, in a process that becomes the command's. */
  List<String> command(List<String> words) {
    if (root.isEmpty()) {
      return words;
    }
    List<String> all =
        new ArrayList<>(List.of("unshare", "-m", "sh", "-c", ENTER, root.get().toString()));
    all.addAll(words);
    return all;
  }

  List<String> command(String... words) {
    return command(List.of(words));
  }
}
