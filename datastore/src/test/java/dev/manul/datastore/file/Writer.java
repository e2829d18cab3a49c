package dev.manul.datastore.file;

import dev.manul.datastore.WriteResult;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A process of its own that counts up in handles of a datastore, by compare-and-set. */
final class Writer {
  private Writer() {}

  /** What the counted handle's map says. */
  static final String COUNT = "10.0.0.0/26";

  /**
   * Arguments: directory, rounds (0: for ever), and the names of the handles to count in, in turn.
   * Prints the number of lost races at the end.
   */
  public static void main(String[] args) {
    List<String> names = List.of(args).subList(2, args.length);
    int rounds = Integer.parseInt(args[1]);
    long lost = 0;
    try (FileDatastore store = FileDatastore.open(Path.of(args[0]))) {
      for (int i = 0; rounds == 0 || i < rounds; i++) {
        lost += count(store, names.get(i % names.size()));
      }
    }
    System.out.println(lost);
  }

  private static long count(FileDatastore store, String name) {
    for (long lost = 0; ; lost++) {
      Optional<IPAMHandle> current = store.get(IPAMHandle.KIND, Key.of(name));
      WriteResult<IPAMHandle> result =
          current.isPresent()
              ? store.update(current.get().withSpec(spec(name, countOf(current.get()) + 1)))
              : store.create(new IPAMHandle(Metadata.named(name), spec(name, 1)));
      if (result instanceof WriteResult.Written) {
        return lost;
      }
    }
  }

  static int countOf(IPAMHandle handle) {
    return handle.spec().block().getOrDefault(COUNT, 0);
  }

  static IPAMHandle.Spec spec(String name, int count) {
    return new IPAMHandle.Spec(name, Map.of(COUNT, count), false);
  }

  /** Starts a process that does {@link #main}. */
  static Process start(Path directory, int rounds, List<String> names) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx48m",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString(),
                Integer.toString(rounds)));
    command.addAll(names);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(File.createTempFile("writer", ".log", directory.getParent().toFile()))
        .start();
  }
}
