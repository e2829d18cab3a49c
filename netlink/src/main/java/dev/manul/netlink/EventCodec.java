package dev.manul.netlink;

import java.nio.ByteBuffer;
import java.util.function.Function;

/** Reads notifications. */
final class EventCodec {

  private static final int NLM_F_REPLACE = 0x100;

  private EventCodec() {}

  /**
   * Reads the message that lies from {@code at} to before {@code to}.
   *
   * @return null when it is about something that this package does not know
   */
  static Event read(ByteBuffer bytes, int type, int flags, int at, int to, Attributes attributes) {
    int from = at + MessageWriter.HEADER;
    return switch (type) {
      case LinkCodec.RTM_NEWLINK ->
          event(LinkCodec.read(bytes, from, to, attributes), Event.LinkChanged::new);
      case LinkCodec.RTM_DELLINK ->
          event(LinkCodec.read(bytes, from, to, attributes), Event.LinkRemoved::new);
      case AddressCodec.RTM_NEWADDR ->
          event(AddressCodec.read(bytes, from, to, attributes), Event.AddressAdded::new);
      case AddressCodec.RTM_DELADDR ->
          event(AddressCodec.read(bytes, from, to, attributes), Event.AddressRemoved::new);
      case RouteCodec.RTM_NEWROUTE ->
          event(
              RouteCodec.read(bytes, from, to, attributes),
              route -> new Event.RouteAdded(route, (flags & NLM_F_REPLACE) != 0));
      case RouteCodec.RTM_DELROUTE ->
          event(RouteCodec.read(bytes, from, to, attributes), Event.RouteRemoved::new);
      case NeighbourCodec.RTM_NEWNEIGH ->
          NeighbourCodec.isForwarding(bytes, from, to)
              ? event(
                  NeighbourCodec.readForwarding(bytes, from, to, attributes),
                  Event.ForwardingChanged::new)
              : event(
                  NeighbourCodec.read(bytes, from, to, attributes), Event.NeighbourChanged::new);
      case NeighbourCodec.RTM_DELNEIGH ->
          NeighbourCodec.isForwarding(bytes, from, to)
              ? event(
                  NeighbourCodec.readForwarding(bytes, from, to, attributes),
                  Event.ForwardingRemoved::new)
              : event(
                  NeighbourCodec.read(bytes, from, to, attributes), Event.NeighbourRemoved::new);
      case RuleCodec.RTM_NEWRULE ->
          event(RuleCodec.read(bytes, from, to, attributes), Event.RuleAdded::new);
      case RuleCodec.RTM_DELRULE ->
          event(RuleCodec.read(bytes, from, to, attributes), Event.RuleRemoved::new);
      default -> null;
    };
  }

  private static <T> Event event(T value, Function<T, Event> of) {
    return value == null ? null : of.apply(value);
  }
}
