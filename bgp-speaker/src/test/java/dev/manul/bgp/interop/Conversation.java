package dev.manul.bgp.interop;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Capability.AddPath;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageDecoder;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What captured messages are to be read by: what the OPENs of their connection have agreed on. */
final class Conversation {
  private Conversation() {}

  /** A message with what it is to be read by. */
  record InContext(Capture.Message message, DecodeContext context) {
    List<BgpMessage> decoded() {
      return Conversation.decoded(message, context);
    }
  }

  /** All messages, each with its context. */
  static List<InContext> contexts(List<Capture.Message> messages) {
    Map<String, Map<String, Open>> opens = new HashMap<>();
    for (Capture.Message message : messages) {
      if (message.type() == PeerRun.OPEN) {
        opens
            .computeIfAbsent(message.connection(), c -> new HashMap<>())
            .put(message.from(), open(message));
      }
    }
    List<InContext> contexts = new ArrayList<>();
    for (Capture.Message message : messages) {
      Map<String, Open> both = opens.getOrDefault(message.connection(), Map.of());
      Open sender = both.get(message.from());
      Open receiver = both.get(message.to());
      contexts.add(
          new InContext(
              message,
              sender == null || receiver == null
                  ? DecodeContext.BEFORE_OPEN
                  : context(sender, receiver)));
    }
    return contexts;
  }

  static Open open(Capture.Message message) {
    if (decoded(message, DecodeContext.BEFORE_OPEN).getFirst() instanceof Open open) {
      return open;
    }
    throw new AssertionError(message + " is no OPEN");
  }

  private static List<BgpMessage> decoded(Capture.Message message, DecodeContext context) {
    DecodeOutcome outcome =
        MessageDecoder.decode(Unpooled.wrappedBuffer(message.octets().toArray()), context);
    if (outcome instanceof DecodeOutcome.Decoded decoded) {
      return decoded.messages();
    }
    throw new AssertionError(message + ": " + outcome);
  }

  private static DecodeContext context(Open sender, Open receiver) {
    Set<Family> addPath = new HashSet<>();
    addPathFamilies(sender).filter(AddPathFamily::sends).forEach(f -> addPath.add(f.family()));
    Set<Family> wanted = new HashSet<>();
    addPathFamilies(receiver).filter(AddPathFamily::receives).forEach(f -> wanted.add(f.family()));
    addPath.retainAll(wanted);
    return new DecodeContext(
        both(sender, receiver, Capability.FourOctetAs.class),
        sender.asNumber() != receiver.asNumber(),
        Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST),
        addPath,
        both(sender, receiver, Capability.ExtendedNextHop.class)
            ? Set.of(Family.IPV4_UNICAST)
            : Set.of(),
        both(sender, receiver, Capability.ExtendedMessages.class));
  }

  private static Stream<AddPathFamily> addPathFamilies(Open open) {
    return open.capabilities().stream()
        .filter(AddPath.class::isInstance)
        .flatMap(c -> ((AddPath) c).entries().stream());
  }

  private static boolean both(Open a, Open b, Class<? extends Capability> kind) {
    return Stream.of(a, b).allMatch(o -> o.capabilities().stream().anyMatch(kind::isInstance));
  }
}
