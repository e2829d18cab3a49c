package dev.manul.e2e.demo;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Subnets;
import dev.manul.model.EncapsulationMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A ping between two pods, as tcpdump sees it on the wire of the sender's node. */
final class WireCapture {

  /** {@code IP OUTER > OUTER: IP INNER > INNER: ICMP echo request}, the first part optional. */
  private static final Pattern REQUEST =
      Pattern.compile("IP (?:(\\S+ > \\S+): IP )?(\\S+ > \\S+): ICMP echo request");

  private static final int LISTEN_SECONDS = 10;

  private WireCapture() {}

  /** Pings once and returns what was seen, and tcpdump's line of it. */
  static Seen take(Lab lab, EncapsulationMode mode, Pod from, Pod to) {
    String node = lab.topology().machine(from.node()).namespace();
    Process tcpdump = null;
    try {
      tcpdump =
          new ProcessBuilder(
                  Run.inNamespace(
                      node,
                      List.of(
                          "timeout",
                          Integer.toString(LISTEN_SECONDS),
                          "tcpdump",
                          "-l",
                          "-n",
                          "-t",
                          "-i",
                          "eth0",
                          "ip proto 4 or icmp")))
              .redirectErrorStream(true)
              .start();
      try (BufferedReader lines = tcpdump.inputReader()) {
        if (awaitLine(lines, Pattern.compile("listening on")).isEmpty()) {
          throw new LabException("tcpdump did not start");
        }
        Run ping =
            Run.of(
                Run.inNamespace(
                    from.networkNamespace(),
                    List.of("ping", "-n", "-q", "-c", "1", "-W", "3", to.address())));
        Pattern wanted =
            Pattern.compile(
                Pattern.quote(from.address() + " > " + to.address() + ": ICMP echo request"));
        Optional<String> line = awaitLine(lines, wanted);
        if (line.isEmpty()) {
          throw new LabException(
              "%s > %s: nothing on the wire: %s", from.name(), to.name(), ping.output().strip());
        }
        return new Seen(capture(lab, mode, from, to, line.get()), line.get(), ping.status() == 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      end(tcpdump);
    }
  }

  /**
   * A capture.
   *
   * @param line as tcpdump printed it
   * @param answered whether the ping was
   */
  record Seen(DemoReport.Capture capture, String line, boolean answered) {}

  private static DemoReport.Capture capture(
      Lab lab, EncapsulationMode mode, Pod from, Pod to, String line) {
    Matcher matcher = REQUEST.matcher(line);
    if (!matcher.find()) {
      throw new LabException("tcpdump wrote something else than expected: %s", line);
    }
    String outer = Optional.ofNullable(matcher.group(1)).orElse("");
    return new DemoReport.Capture(
        mode,
        from.name(),
        to.name(),
        Subnets.same(lab.topology(), from.node(), to.node()),
        !outer.isEmpty(),
        outer,
        matcher.group(2));
  }

  private static Optional<String> awaitLine(BufferedReader lines, Pattern wanted)
      throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (wanted.matcher(line).find()) {
        return Optional.of(line);
      }
    }
    return Optional.empty();
  }

  private static void end(Process tcpdump) {
    if (tcpdump == null) {
      return;
    }
    tcpdump.destroy();
    try {
      tcpdump.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
