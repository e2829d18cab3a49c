package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Addresses of links in messages: struct ifaddrmsg and IFA_* of linux/if_addr.h. */
final class AddressCodec {

  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;

  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_BROADCAST = 4;
  private static final int IFA_FLAGS = 8;
  private static final int IFADDRMSG = 8;

  private AddressCodec() {}

  static void write(MessageWriter writer, LinkAddress value) {
    Address address = value.address().address();
    writer.u8(Family.of(address.family()));
    writer.u8(value.address().length());
    writer.u8(0);
    writer.u8(value.scope().code());
    writer.u32(value.linkIndex());
    writer.attributeAddress(IFA_LOCAL, address);
    writer.attributeAddress(IFA_ADDRESS, value.peer().orElse(address));
    if (value.broadcast().isPresent()) {
      writer.attributeAddress(IFA_BROADCAST, value.broadcast().get());
    }
    if (value.flags() != 0) {
      writer.attributeU32(IFA_FLAGS, value.flags());
    }
  }

  static void writeSelection(MessageWriter writer, int family) {
    writer.u8(family);
    writer.u8(0);
    writer.u16(0);
    writer.u32(0);
  }

  /** Reads an address from a message's body; null for a family other than IPv4 and IPv6. */
  static LinkAddress read(ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (to - from < IFADDRMSG) {
      return null;
    }
    int flags = buffer.get(from + 2) & 0xff;
    Address local = null;
    Address address = null;
    Optional<Address> broadcast = Optional.empty();
    attributes.over(from + IFADDRMSG, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case IFA_LOCAL -> local = attributes.address();
        case IFA_ADDRESS -> address = attributes.address();
        case IFA_BROADCAST -> broadcast = Optional.ofNullable(attributes.address());
        case IFA_FLAGS -> flags = attributes.u32();
        default -> {}
      }
    }
    // IPv4 always has both; IPv6 has IFA_LOCAL only beside a peer, which is then IFA_ADDRESS.
    Address own = local == null ? address : local;
    int family = buffer.get(from) & 0xff;
    if (own == null || Family.of(own.family()) != family) {
      return null;
    }
    Optional<Address> peer =
        address == null || address.equals(own) ? Optional.empty() : Optional.of(address);
    int length = Math.min(buffer.get(from + 1) & 0xff, own.family().bits());
    return new LinkAddress(
        buffer.getInt(from + 4),
        new InterfaceAddress(own, length),
        Scope.ofCode(buffer.get(from + 3) & 0xff),
        peer,
        broadcast,
        flags);
  }
}
