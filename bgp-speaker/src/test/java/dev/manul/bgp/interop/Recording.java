package dev.manul.bgp.interop;

import dev.manul.bgp.wire.DecodeContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The messages of peers that are kept for tests without peers. */
final class Recording {
  private static final Path FILE = Path.of("src/test/resources/dev/manul/bgp/wire/peers.txt");
  private static final String HEAD =
      """
      # Messages of the daemons of the interop matrix, without repetitions; written with its table.
      #
      # peer, as4 or as2, external or internal, the message
      """;

  private Recording() {}

  /** Every different message of a host. */
  static List<String> lines(
      String peer, Map<Capture.Message, DecodeContext> messages, Lab.Host host) {
    Set<String> lines = new LinkedHashSet<>();
    messages.forEach(
        (message, context) -> {
          if (host.has(message.from())) {
            lines.add(
                String.join(
                    " ",
                    peer,
                    context.fourOctetAs() ? "as4" : "as2",
                    context.external() ? "external" : "internal",
                    message.octets().toString()));
          }
        });
    return List.copyOf(lines);
  }

  static void write(Collection<InteropTable.Column> columns) throws IOException {
    List<String> all = new ArrayList<>(HEAD.lines().toList());
    columns.forEach(column -> all.addAll(column.recorded()));
    var _ = Files.write(FILE, all);
  }
}
