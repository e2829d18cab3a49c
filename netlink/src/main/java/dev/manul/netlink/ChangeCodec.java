package dev.manul.netlink;

import java.util.function.ToIntFunction;

/** Writes changes as messages. */
final class ChangeCodec {

  private static final int NLM_F_REPLACE = 0x100;
  private static final int NLM_F_EXCL = 0x200;
  private static final int NLM_F_CREATE = 0x400;
  private static final int NLM_F_APPEND = 0x800;
  private static final int REQUEST = NetlinkSocket.NLM_F_REQUEST;
  private static final int NEW = REQUEST | NLM_F_CREATE | NLM_F_EXCL;
  private static final int NEW_OR_REPLACE = REQUEST | NLM_F_CREATE | NLM_F_REPLACE;

  private final MessageWriter writer;
  private final ToIntFunction<NetworkNamespace> open;

  /**
   * @param open opens a namespace and gives its descriptor, which must live until the message is
   *     sent
   */
  ChangeCodec(MessageWriter writer, ToIntFunction<NetworkNamespace> open) {
    this.writer = writer;
    this.open = open;
  }

  /** Writes one message; whether it fitted is {@link MessageWriter#overflowed}. */
  void write(Change change, int sequence) {
    switch (change) {
      case Change.AddRoute c -> route(RouteCodec.RTM_NEWROUTE, NEW, sequence, c.route());
      case Change.ReplaceRoute c ->
          route(RouteCodec.RTM_NEWROUTE, NEW_OR_REPLACE, sequence, c.route());
      case Change.DeleteRoute c -> route(RouteCodec.RTM_DELROUTE, REQUEST, sequence, c.route());
      case Change.CreateLink c -> {
        writer.begin(LinkCodec.RTM_NEWLINK, NEW, sequence);
        LinkCodec.writeNew(writer, c.spec(), open);
      }
      case Change.SetLink c -> {
        writer.begin(LinkCodec.RTM_NEWLINK, REQUEST, sequence);
        LinkCodec.writeUpdate(writer, c.index(), c.update(), open);
      }
      case Change.DeleteLink c -> {
        writer.begin(LinkCodec.RTM_DELLINK, REQUEST, sequence);
        LinkCodec.writeIndex(writer, c.index());
      }
      case Change.AddAddress c -> {
        writer.begin(AddressCodec.RTM_NEWADDR, NEW, sequence);
        AddressCodec.write(writer, c.address());
      }
      case Change.DeleteAddress c -> {
        writer.begin(AddressCodec.RTM_DELADDR, REQUEST, sequence);
        AddressCodec.write(writer, c.address());
      }
      case Change.ReplaceNeighbour c -> {
        writer.begin(NeighbourCodec.RTM_NEWNEIGH, NEW_OR_REPLACE, sequence);
        NeighbourCodec.write(writer, c.neighbour());
      }
      case Change.DeleteNeighbour c -> {
        writer.begin(NeighbourCodec.RTM_DELNEIGH, REQUEST, sequence);
        NeighbourCodec.write(writer, c.neighbour());
      }
      case Change.ReplaceForwarding c ->
          forwarding(NeighbourCodec.RTM_NEWNEIGH, NEW_OR_REPLACE, sequence, c.entry());
      case Change.AppendForwarding c ->
          forwarding(
              NeighbourCodec.RTM_NEWNEIGH,
              REQUEST | NLM_F_CREATE | NLM_F_APPEND,
              sequence,
              c.entry());
      case Change.DeleteForwarding c ->
          forwarding(NeighbourCodec.RTM_DELNEIGH, REQUEST, sequence, c.entry());
      case Change.AddRule c -> {
        writer.begin(RuleCodec.RTM_NEWRULE, NEW, sequence);
        RuleCodec.write(writer, c.rule());
      }
      case Change.DeleteRule c -> {
        writer.begin(RuleCodec.RTM_DELRULE, REQUEST, sequence);
        RuleCodec.write(writer, c.rule());
      }
    }
    writer.end();
  }

  private void route(int type, int flags, int sequence, Route route) {
    writer.begin(type, flags, sequence);
    RouteCodec.write(writer, route);
  }

  private void forwarding(int type, int flags, int sequence, ForwardingEntry entry) {
    writer.begin(type, flags, sequence);
    NeighbourCodec.write(writer, entry);
  }
}
