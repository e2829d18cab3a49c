package dev.manul.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A speaker under measurement, with all processes it has started. */
final class BgpProcess implements AutoCloseable {
  private static final double TICKS_PER_SECOND = 100;
  private static final double KIB_PER_MIB = 1024;
  private static final int END_SECONDS = 5;

  private final Process process;

  private BgpProcess(Process process) {
    this.process = process;
  }

  static BgpProcess start(List<String> command, Path log) {
    try {
      return new BgpProcess(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Long> processes() {
    return Stream.concat(
            Stream.of(process.pid()), process.toHandle().descendants().map(ProcessHandle::pid))
        .toList();
  }

  /** What the processes have used so far, in user mode and in the kernel. */
  double cpuSeconds() {
    double ticks = 0;
    for (long pid : processes()) {
      String stat = read(pid, "stat");
      if (!stat.isEmpty()) {
        // The name in parentheses may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  /** The most memory that each has had, summed up. */
  double peakMiB() {
    double kib = 0;
    for (long pid : processes()) {
      kib +=
          read(pid, "status")
              .lines()
              .filter(line -> line.startsWith("VmHWM:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum();
    }
    return kib / KIB_PER_MIB;
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (NoSuchFileException e) {
      return ""; // it has just ended
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends what has been started here, and waits for it. */
  @Override
  public void close() {
    List<ProcessHandle> all = process.toHandle().descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
