package dev.manul.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Another program, run for what it prints. */
final class ForeignProgram {

  /** What one has printed at most that is kept, in octets. */
  private static final int MOST = 64 << 20;

  /** How long the last of what an ended program complains of may take to arrive. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** What came of it. */
  static final class Outcome {
    private final byte[] output;
    private final String problem;

    private Outcome(byte[] output, String problem) {
      this.output = output;
      this.problem = problem;
    }

    /** Both of its outputs, or its standard output alone. */
    byte[] output() {
      return output.clone();
    }

    /** Why it is not to be trusted, in one line; "" when it is. */
    String problem() {
      return problem;
    }
  }

  private ForeignProgram() {}

  /**
   * Runs a program and waits for its end.
   *
   * @param outputOnly whether what it complains of is left out of its output; where it fails, the
   *     last line of that is why
   * @param limit when it is ended by force
   */
  static Outcome run(
      List<String> command, Map<String, String> variables, boolean outputOnly, Duration limit) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    builder.redirectErrorStream(!outputOnly);
    builder.environment().putAll(variables);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return new Outcome(new byte[0], command.getFirst() + " is not there");
    }
    Thread watch =
        Thread.startVirtualThread(
            () -> {
              try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    AtomicReference<String> complaint = new AtomicReference<>("");
    Thread complaints = Thread.startVirtualThread(() -> lastLine(process, complaint));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (InputStream in = process.getInputStream()) {
      output.write(in.readNBytes(MOST));
      int code = process.waitFor();
      complaints.join(GRACE);
      String why = complaint.get().isEmpty() ? "" : ": " + complaint.get();
      String problem =
          code == 0 ? "" : String.join(" ", command) + " has ended with exit code " + code + why;
      return new Outcome(output.toByteArray(), problem);
    } catch (IOException e) {
      return new Outcome(output.toByteArray(), command.getFirst() + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(output.toByteArray(), command.getFirst() + " was not waited for");
    } finally {
      watch.interrupt();
      process.destroyForcibly();
    }
  }

  /** Reads what a program complains of as it comes, of which the last line is kept. */
  private static void lastLine(Process process, AtomicReference<String> kept) {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          kept.set(line.strip());
        }
      }
    } catch (IOException e) {
      // it was ended by force
    }
  }
}
