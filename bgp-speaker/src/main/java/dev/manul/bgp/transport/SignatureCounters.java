package dev.manul.bgp.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many segments the kernel has dropped because of their TCP MD5 signature (RFC 2385), in this
 * network namespace. It does not say whose they were.
 *
 * @param missing segments without a signature where a password is set
 * @param unexpected segments with a signature where none is set
 * @param wrong segments signed with another password
 */
public record SignatureCounters(long missing, long unexpected, long wrong) {
  private static final Path FILE = Path.of("/proc/net/netstat");
  private static final SignatureCounters NONE = new SignatureCounters(0, 0, 0);

  /** The counters now; zero where the kernel has none. A file of /proc is read without waiting. */
  public static SignatureCounters read() {
    try {
      return parse(Files.readAllLines(FILE));
    } catch (IOException e) {
      return NONE;
    }
  }

  /** Reads lines in pairs: names, and the values below them. */
  static SignatureCounters parse(List<String> lines) {
    for (int i = 0; i + 1 < lines.size(); i += 2) {
      if (lines.get(i).startsWith("TcpExt:")) {
        String[] names = lines.get(i).split(" ", -1);
        String[] values = lines.get(i + 1).split(" ", -1);
        Map<String, Long> counters = new HashMap<>();
        for (int j = 1; j < Math.min(names.length, values.length); j++) {
          if (names[j].startsWith("TCPMD5")) {
            counters.put(names[j], Long.parseLong(values[j]));
          }
        }
        return new SignatureCounters(
            counters.getOrDefault("TCPMD5NotFound", 0L),
            counters.getOrDefault("TCPMD5Unexpected", 0L),
            counters.getOrDefault("TCPMD5Failure", 0L));
      }
    }
    return NONE;
  }

  /** What has been added since. */
  public SignatureCounters since(SignatureCounters before) {
    return new SignatureCounters(
        missing - before.missing, unexpected - before.unexpected, wrong - before.wrong);
  }
}
