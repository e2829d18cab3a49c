package dev.manul.bgp.interop;

import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageDecoder;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What captured messages are to be read by: what the OPENs of their connection have agreed on. */
final class Conversation {
  private Conversation() {}

  /** The messages that can be read, each with its context. */
  static Map<Capture.Message, DecodeContext> contexts(List<Capture.Message> messages) {
    Map<String, Map<String, Open>> opens = new HashMap<>();
    for (Capture.Message message : messages) {
      if (message.type() == PeerRun.OPEN) {
        opens
            .computeIfAbsent(message.connection(), c -> new HashMap<>())
            .put(message.from(), open(message));
      }
    }
    Map<Capture.Message, DecodeContext> contexts = new LinkedHashMap<>();
    for (Capture.Message message : messages) {
      List<Open> both = List.copyOf(opens.getOrDefault(message.connection(), Map.of()).values());
      contexts.put(message, both.size() < 2 ? DecodeContext.BEFORE_OPEN : context(both));
    }
    return contexts;
  }

  static Open open(Capture.Message message) {
    DecodeOutcome outcome =
        MessageDecoder.decode(
            Unpooled.wrappedBuffer(message.octets().toArray()), DecodeContext.BEFORE_OPEN);
    if (outcome instanceof DecodeOutcome.Decoded decoded
        && decoded.messages().getFirst() instanceof Open open) {
      return open;
    }
    throw new AssertionError(message + ": " + outcome);
  }

  private static DecodeContext context(List<Open> both) {
    return new DecodeContext(
        both.stream().allMatch(o -> has(o, Capability.FourOctetAs.class)),
        both.get(0).asNumber() != both.get(1).asNumber(),
        Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST));
  }

  static boolean has(Open open, Class<? extends Capability> kind) {
    return open.capabilities().stream().anyMatch(kind::isInstance);
  }
}
