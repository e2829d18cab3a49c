package dev.manul.netlink;

import dev.manul.model.Address;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Neighbours and forwarding entries in messages: struct ndmsg and NDA_* of linux/neighbour.h. The
 * two differ by their family.
 */
final class NeighbourCodec {

  static final int RTM_NEWNEIGH = 28;
  static final int RTM_DELNEIGH = 29;
  static final int RTM_GETNEIGH = 30;

  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;
  private static final int NDMSG = 12;

  private NeighbourCodec() {}

  static void write(MessageWriter writer, Neighbour value) {
    header(
        writer,
        Family.of(value.address().family()),
        value.linkIndex(),
        value.state(),
        value.flags());
    writer.attributeAddress(NDA_DST, value.address());
    value.mac().ifPresent(mac -> writer.attributeMac(NDA_LLADDR, mac));
  }

  static void write(MessageWriter writer, ForwardingEntry value) {
    header(writer, Family.BRIDGE, value.linkIndex(), value.state(), value.flags());
    writer.attributeMac(NDA_LLADDR, value.mac());
    value.remote().ifPresent(remote -> writer.attributeAddress(NDA_DST, remote));
  }

  /** Asks for all neighbours (family 0), or the forwarding entries of a link. */
  static void writeSelection(MessageWriter writer, int family, int linkIndex) {
    header(writer, family, linkIndex, 0, 0);
  }

  private static void header(
      MessageWriter writer, int family, int linkIndex, int state, int flags) {
    writer.u8(family);
    writer.u8(0);
    writer.u16(0);
    writer.u32(linkIndex);
    writer.u16(state);
    writer.u8(flags);
    writer.u8(0);
  }

  static boolean isForwarding(ByteBuffer buffer, int from, int to) {
    return to - from >= NDMSG && (buffer.get(from) & 0xff) == Family.BRIDGE;
  }

  /** Reads a neighbour from a message's body; null for a family other than IPv4 and IPv6. */
  static Neighbour read(ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (to - from < NDMSG) {
      return null;
    }
    Address address = null;
    Optional<String> mac = Optional.empty();
    attributes.over(from + NDMSG, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case NDA_DST -> address = attributes.address();
        case NDA_LLADDR -> mac = attributes.mac();
        default -> {}
      }
    }
    if (address == null || Family.of(address.family()) != (buffer.get(from) & 0xff)) {
      return null;
    }
    return new Neighbour(
        buffer.getInt(from + 4),
        address,
        mac,
        buffer.getShort(from + 8) & 0xffff,
        buffer.get(from + 10) & 0xff);
  }

  /** Reads a forwarding entry from a message's body; null when it is not one. */
  static ForwardingEntry readForwarding(
      ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (!isForwarding(buffer, from, to)) {
      return null;
    }
    Optional<Address> remote = Optional.empty();
    Optional<String> mac = Optional.empty();
    attributes.over(from + NDMSG, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case NDA_DST -> remote = Optional.ofNullable(attributes.address());
        case NDA_LLADDR -> mac = attributes.mac();
        default -> {}
      }
    }
    if (mac.isEmpty()) {
      return null;
    }
    return new ForwardingEntry(
        buffer.getInt(from + 4),
        mac.get(),
        remote,
        buffer.getShort(from + 8) & 0xffff,
        buffer.get(from + 10) & 0xff);
  }
}
