package dev.manul.bgp.interop;

import dev.manul.bgp.wire.DecodeContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The messages of peers that are kept for tests without peers. */
final class Recording {
  private static final Path FILE = Path.of("src/test/resources/dev/manul/bgp/wire/peers.txt");
  private static final String HEAD =
      """
      # Messages of the daemons of the interop matrix, without repetitions; written with its table.
      #
      # peer, as4 or as2, external or internal, other agreements with commas between or "-", the message
      """;

  private Recording() {}

  /** Every different message of a host. */
  static List<String> lines(String peer, List<Conversation.InContext> messages, Lab.Host host) {
    Set<String> lines = new LinkedHashSet<>();
    for (Conversation.InContext each : messages) {
      DecodeContext context = each.context();
      if (host.has(each.message().from())) {
        lines.add(
            String.join(
                " ",
                peer,
                context.fourOctetAs() ? "as4" : "as2",
                context.external() ? "external" : "internal",
                agreements(context),
                each.message().octets().toString()));
      }
    }
    return List.copyOf(lines);
  }

  /** What changes how the message is read, beside the width of AS numbers. */
  private static String agreements(DecodeContext context) {
    List<String> all = new ArrayList<>();
    context.addPathReceive().forEach(family -> all.add("add-path:" + family));
    context.extendedNextHop().forEach(family -> all.add("extended-next-hop:" + family));
    if (context.extendedMessages()) {
      all.add("extended-messages");
    }
    Collections.sort(all);
    return all.isEmpty() ? "-" : String.join(",", all);
  }

  static void write(Collection<InteropTable.Column> columns) throws IOException {
    List<String> all = new ArrayList<>(HEAD.lines().toList());
    columns.forEach(column -> all.addAll(column.recorded()));
    var _ = Files.write(FILE, all);
  }
}
