package dev.manul.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which modules the running kernel has: loaded ones and some built-in ones in {@code /sys/module},
 * all that can be loaded in {@code modules.dep}, all that are built in in {@code modules.builtin}
 * (modules.dep(5), modules.builtin(5)).
 */
final class KernelModules {
  /** What is known of a module. */
  enum Presence {
    OK,
    FAIL,
    /** Not loaded, and the lists of what can be loaded are not here. */
    SKIP
  }

  private final String release;
  private final Set<String> names = new HashSet<>();
  private final boolean listed;

  private KernelModules(String release, boolean listed) {
    this.release = release;
    this.listed = listed;
  }

  /**
   * Reads what a machine has.
   *
   * @param root where {@code proc}, {@code sys} and {@code lib} are
   * @throws CommandFailure when the kernel's release cannot be read
   */
  static KernelModules of(Path root) {
    Path osRelease = root.resolve("proc/sys/kernel/osrelease");
    String release;
    try {
      release = Files.readString(osRelease).strip();
    } catch (IOException e) {
      throw CommandFailure.failed(osRelease + ": the kernel's release cannot be read");
    }
    Path directory = root.resolve("lib/modules").resolve(release);
    Path loadable = directory.resolve("modules.dep");
    Path builtIn = directory.resolve("modules.builtin");
    KernelModules modules =
        new KernelModules(release, Files.isReadable(loadable) && Files.isReadable(builtIn));
    try {
      if (modules.listed) {
        modules.add(loadable);
        modules.add(builtIn);
      }
      Path loaded = root.resolve("sys/module");
      if (Files.isDirectory(loaded)) {
        try (Stream<Path> entries = Files.list(loaded)) {
          entries.forEach(entry -> modules.names.add(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw CommandFailure.failed(directory + ": the lists of modules cannot be read");
    }
    return modules;
  }

  /** Lines such as {@code kernel/net/ipv4/ipip.ko.xz: kernel/net/ipv4/ip_tunnel.ko.xz}. */
  private void add(Path list) throws IOException {
    for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
      String path = line.contains(":") ? line.substring(0, line.indexOf(':')) : line;
      String file = path.substring(path.lastIndexOf('/') + 1);
      int end = file.indexOf(".ko");
      if (end > 0) {
        names.add(file.substring(0, end).replace('-', '_'));
      }
    }
  }

  /** Such as {@code 6.1.0-18-amd64}. */
  String release() {
    return release;
  }

  /** Whether there is a module of one of these names, which one module has had over the years. */
  Presence anyOf(List<String> alternatives) {
    if (alternatives.stream().anyMatch(names::contains)) {
      return Presence.OK;
    }
    return listed ? Presence.FAIL : Presence.SKIP;
  }
}
