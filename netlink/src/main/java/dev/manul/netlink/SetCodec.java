package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import java.util.List;
import java.util.function.Consumer;

/** Writes and reads messages about sets (linux/netfilter/ipset/ip_set.h). */
final class SetCodec {

  static final int CREATE = 2;
  static final int DESTROY = 3;
  static final int SWAP = 6;
  static final int LIST = 7;
  static final int ADD = 9;
  static final int DELETE = 10;

  /** The octets of a struct nfgenmsg. */
  static final int HEADER = 4;

  private static final int NLM_F_EXCL = 0x200;
  private static final int NLM_F_CREATE = 0x400;
  private static final int NLA_F_NESTED = 0x8000;
  private static final int NLA_F_NET_BYTEORDER = 0x4000;

  private static final int NFNL_SUBSYS_IPSET = 6;
  private static final int PROTOCOL = 7;

  private static final int ATTR_PROTOCOL = 1;
  private static final int ATTR_SETNAME = 2;
  private static final int ATTR_TYPENAME = 3;
  private static final int ATTR_REVISION = 4;
  private static final int ATTR_FAMILY = 5;
  private static final int ATTR_FLAGS = 6;
  private static final int ATTR_DATA = 7;
  private static final int ATTR_ADT = 8;
  private static final int ATTR_LINENO = 9;

  private static final int DATA_IP = 1;
  private static final int DATA_CIDR = 3;
  private static final int DATA_PORT = 4;
  private static final int DATA_PROTO = 7;
  private static final int DATA_MAXELEM = 19;
  private static final int IPADDR_IPV4 = 1;
  private static final int IPADDR_IPV6 = 2;

  /** Only names and headers are listed (IPSET_FLAG_LIST_HEADER). */
  private static final int FLAG_HEADERS = 4;

  /** The oldest revision of both types that knows SCTP; newer kernels know it as well. */
  private static final int REVISION = 1;

  private final MessageWriter writer;

  SetCodec(MessageWriter writer) {
    this.writer = writer;
  }

  /** Writes a change; the writer says whether there was room. */
  void write(SetChange change, int sequence) {
    switch (change) {
      case SetChange.Create(var name, var type, var family, int most) -> {
        begin(CREATE, NLM_F_CREATE | NLM_F_EXCL, family, sequence);
        writer.attributeText(ATTR_SETNAME, name);
        writer.attributeText(ATTR_TYPENAME, type.kernelName());
        writer.attributeU8(ATTR_REVISION, REVISION);
        writer.attributeU8(ATTR_FAMILY, Family.of(family));
        int data = writer.beginNested(ATTR_DATA | NLA_F_NESTED);
        writer.attributeNetworkU32(DATA_MAXELEM | NLA_F_NET_BYTEORDER, most);
        writer.endNested(data);
      }
      case SetChange.Destroy(var name) -> {
        begin(DESTROY, 0, AddressFamily.IPV4, sequence);
        writer.attributeText(ATTR_SETNAME, name);
      }
      case SetChange.Swap(var name, var other) -> {
        begin(SWAP, 0, AddressFamily.IPV4, sequence);
        writer.attributeText(ATTR_SETNAME, name);
        writer.attributeText(ATTR_TYPENAME, other);
      }
      case SetChange.Add(var name, var members) -> members(ADD, name, members, sequence);
      case SetChange.Delete(var name, var members) -> members(DELETE, name, members, sequence);
    }
    writer.end();
  }

  private void members(int command, String name, List<SetMember> members, int sequence) {
    begin(command, 0, members.getFirst().address().family(), sequence);
    writer.attributeText(ATTR_SETNAME, name);
    writer.attributeU32(ATTR_LINENO, 0);
    int all = writer.beginNested(ATTR_ADT | NLA_F_NESTED);
    for (SetMember member : members) {
      int one = writer.beginNested(ATTR_DATA | NLA_F_NESTED);
      int ip = writer.beginNested(DATA_IP | NLA_F_NESTED);
      boolean v4 = member.address().family() == AddressFamily.IPV4;
      writer.attributeAddress(
          (v4 ? IPADDR_IPV4 : IPADDR_IPV6) | NLA_F_NET_BYTEORDER, member.address());
      writer.endNested(ip);
      if (member.protocol() == 0) {
        writer.attributeU8(DATA_CIDR, member.length());
      } else {
        writer.attributePort(DATA_PORT | NLA_F_NET_BYTEORDER, member.port());
        writer.attributeU8(DATA_PROTO, member.protocol());
      }
      writer.endNested(one);
    }
    writer.endNested(all);
  }

  /**
   * Writes a request for a list.
   *
   * @param name of the set whose members are wanted; "" for the names of all sets
   */
  void writeList(String name, int sequence) {
    begin(LIST, NetlinkSocket.NLM_F_DUMP | NetlinkSocket.NLM_F_ACK, AddressFamily.IPV4, sequence);
    if (name.isEmpty()) {
      writer.attributeNetworkU32(ATTR_FLAGS | NLA_F_NET_BYTEORDER, FLAG_HEADERS);
    } else {
      writer.attributeText(ATTR_SETNAME, name);
    }
    writer.end();
  }

  private void begin(int command, int flags, AddressFamily family, int sequence) {
    writer.begin(NFNL_SUBSYS_IPSET << 8 | command, NetlinkSocket.NLM_F_REQUEST | flags, sequence);
    writer.u8(Family.of(family));
    writer.u8(0); // NFNETLINK_V0
    writer.u16(0);
    writer.attributeU8(ATTR_PROTOCOL, PROTOCOL);
  }

  /** The head of a set out of the answer to a list; null when it is none. */
  static FoundSet readHead(Attributes attributes) {
    String name = null;
    String type = "";
    AddressFamily family = AddressFamily.IPV4;
    while (attributes.next()) {
      switch (attributes.type()) {
        case ATTR_SETNAME -> name = attributes.text();
        case ATTR_TYPENAME -> type = attributes.text();
        case ATTR_FAMILY ->
            family =
                attributes.u8() == Family.of(AddressFamily.IPV6)
                    ? AddressFamily.IPV6
                    : AddressFamily.IPV4;
        default -> {}
      }
    }
    return name == null ? null : new FoundSet(name, type, family);
  }

  /** Members out of the answer to a list of one set. */
  static void readMembers(Attributes attributes, Consumer<SetMember> to) {
    while (attributes.next()) {
      if (attributes.type() == ATTR_ADT) {
        Attributes members = attributes.nested();
        while (members.next()) {
          SetMember member = readMember(members.nested());
          if (member != null) {
            to.accept(member);
          }
        }
      }
    }
  }

  private static SetMember readMember(Attributes data) {
    Address address = null;
    int length = -1;
    int protocol = 0;
    int port = 0;
    while (data.next()) {
      switch (data.type()) {
        case DATA_IP -> {
          Attributes ip = data.nested();
          address = ip.next() ? ip.address() : null;
        }
        case DATA_CIDR -> length = data.u8();
        case DATA_PORT -> port = data.port();
        case DATA_PROTO -> protocol = data.u8();
        default -> {}
      }
    }
    if (address == null) {
      return null;
    }
    return new SetMember(address, length < 0 ? address.family().bits() : length, protocol, port);
  }
}
