package dev.manul.policy.kernel;

import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@code iptables-restore --noflush} that stays, so that a change costs no process.
 *
 * <p><b>How it is known that a COMMIT was done.</b> The program works line by line, and with {@code
 * -v} repeats comments on its output. After every input goes a comment with a number of its own,
 * longer than the 4 KiB of the program's output buffer, so that the number cannot stay in there.
 * What fails makes the program say why and end.
 *
 * <p>The program reads the kernel's tables anew for every input, and takes xtables' lock from the
 * first line of a table to its COMMIT only; it holds nothing between inputs.
 */
final class RestoreProgram implements AutoCloseable {

  private static final int LIMIT_SECONDS = 60;

  /** Seconds that a program waits for another to give xtables' lock back. */
  static final String LOCK_WAIT = "30";

  /** After so much input the program is begun anew, for it does not give memory back. */
  private static final long MOST_BYTES = 4L << 20;

  private static final String DONE = "#manul-done-";

  private static final Pattern LINE = Pattern.compile("line:? (\\d+)");

  /** Longer than the buffer of the C library before a pipe, whose size is that of a page. */
  private static final String PADDING = "-".repeat(8192);

  private final NetworkNamespace namespace;
  private final String program;
  private Process process;
  private Errors errors;
  private LinkedBlockingQueue<String> answers;
  private long bytes;
  private long lines;
  private long number;

  RestoreProgram(NetworkNamespace namespace, String program) {
    this.namespace = namespace;
    this.program = program;
  }

  /** The input was refused; all of it or some of its tables were not written. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Which line of the input was to blame, from 1; 0 when that is not known. */
    final long line;

    Refused(String message, long line) {
      super(message);
      this.line = line;
    }
  }

  /**
   * Has input carried out, to its end.
   *
   * @param input whole lines; tables from {@code *NAME} to {@code COMMIT}
   * @throws RulesException when the program cannot be run or does not answer
   * @throws Refused when it says no
   */
  void run(String input) {
    if (process == null || !process.isAlive()) {
      start();
    }
    number++;
    String done = DONE + number;
    byte[] text = (input + done + PADDING + "\n").getBytes(StandardCharsets.UTF_8);
    long linesBefore = lines;
    lines += input.lines().count() + 1;
    bytes += text.length;
    try {
      OutputStream to = process.getOutputStream();
      to.write(text);
      to.flush();
    } catch (IOException _) { // it has ended, and says why
      close(linesBefore);
    }
    await(done, linesBefore);
    if (bytes > MOST_BYTES) {
      close();
    }
  }

  private void await(String done, long linesBefore) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    try {
      while (true) {
        String answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (answer == null) {
          close();
          throw new RulesException(program + ": no answer after " + LIMIT_SECONDS + " s");
        }
        if (answer.equals(done)) {
          return;
        }
        if (answer.isEmpty()) {
          close(linesBefore);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new RulesException(program + ": interrupted", e);
    }
  }

  private void start() {
    try {
      process =
          namespace.call(
              () ->
                  new ProcessBuilder(List.of(program, "--noflush", "-v", "-w", LOCK_WAIT)).start());
    } catch (NetlinkException e) {
      throw new RulesException(program + ": cannot be started: " + e.getMessage(), e);
    }
    bytes = 0;
    lines = 0;
    answers = new LinkedBlockingQueue<>();
    errors = new Errors(process.getErrorStream());
    InputStream out = process.getInputStream();
    LinkedBlockingQueue<String> to = answers;
    // not virtual ones: a read from a pipe keeps its carrier for as long as the program lives
    var _ = Thread.ofPlatform().daemon().name("restore-output").start(() -> read(out, to));
  }

  /** Tells the numbers that come back, and at the end "". */
  private static void read(InputStream out, LinkedBlockingQueue<String> to) {
    try (var reader = new BufferedReader(new InputStreamReader(out, StandardCharsets.UTF_8))) {
      var token = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          token.setLength(0);
        } else if (c == '-' && token.length() > DONE.length() && isDone(token)) {
          to.add(token.toString());
          token.setLength(0);
        } else if (token.length() < 64) {
          token.append((char) c);
        }
      }
    } catch (IOException _) {
      // the program was ended
    } finally {
      to.add("");
    }
  }

  private static boolean isDone(StringBuilder token) {
    return DONE.contentEquals(token.subSequence(0, DONE.length()));
  }

  /** After the program's end: says why. */
  private void close(long linesBefore) {
    String why = errors.text();
    close();
    Matcher line = LINE.matcher(why);
    throw new Refused(
        program + ": " + (why.isEmpty() ? "ended without a reason" : why),
        line.find() ? Math.max(0, Long.parseLong(line.group(1)) - linesBefore) : 0);
  }

  /** Ends the program. */
  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }

  /** What the program writes to its error output, read while it runs. */
  private static final class Errors {
    private final Thread thread;
    private volatile String text = "";

    Errors(InputStream stream) {
      thread =
          Thread.ofPlatform()
              .daemon()
              .name("restore errors")
              .start(
                  () -> {
                    try (stream) {
                      text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                      text = e.toString();
                    }
                  });
    }

    String text() {
      try {
        var _ = thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("Try `"))
          .reduce((a, b) -> a + " " + b)
          .orElse("");
    }
  }
}
