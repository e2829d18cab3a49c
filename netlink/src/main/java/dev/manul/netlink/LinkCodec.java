package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/** Links in messages: struct ifinfomsg and IFLA_* of linux/if_link.h, if_tunnel.h and veth.h. */
final class LinkCodec {

  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_INET_CONF = 1;
  private static final int AF_INET = 2;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_EXT_MASK = 29;
  private static final int IFLA_NUM_TX_QUEUES = 31;
  private static final int IFLA_NUM_RX_QUEUES = 32;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_INFO_SLAVE_KIND = 4;
  private static final int IFLA_INFO_SLAVE_DATA = 5;
  private static final int IFLA_BRPORT_MODE = 4;
  private static final String BRIDGE = "bridge";
  private static final int VETH_INFO_PEER = 1;

  private static final int IFLA_VXLAN_ID = 1;
  private static final int IFLA_VXLAN_LINK = 3;
  private static final int IFLA_VXLAN_LOCAL = 4;
  private static final int IFLA_VXLAN_LEARNING = 7;
  private static final int IFLA_VXLAN_PORT = 15;
  private static final int IFLA_VXLAN_LOCAL6 = 17;

  private static final int IFLA_IPTUN_LOCAL = 2;
  private static final int IFLA_IPTUN_REMOTE = 3;
  private static final int IFLA_IPTUN_TTL = 4;
  private static final int IFLA_IPTUN_PMTUDISC = 10;

  private static final int RTEXT_FILTER_SKIP_STATS = 8;
  private static final int IFF_UP = 1;
  private static final int IFF_LOOPBACK = 8;
  private static final int IFF_RUNNING = 0x40;
  private static final int IFF_PROMISC = 0x100;
  private static final int IFINFOMSG = 16;

  private LinkCodec() {}

  /** Whether an announced removal is that of a link, not only of its being a bridge's port. */
  static boolean isRemovalOf(ByteBuffer bytes, int from, int index) {
    final int familyUnspecified = 0;
    return bytes.get(from) == familyUnspecified && bytes.getInt(from + 4) == index;
  }

  /** Asks for all links, or for the one of a name. */
  static void writeSelection(MessageWriter writer, Optional<String> name) {
    header(writer, 0, 0, 0);
    name.ifPresent(n -> writer.attributeText(IFLA_IFNAME, n));
    writer.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  }

  /**
   * Writes a link to be created.
   *
   * @param open opens a namespace and gives its descriptor, which must live until the message is
   *     sent
   */
  static void writeNew(MessageWriter writer, LinkSpec spec, ToIntFunction<NetworkNamespace> open) {
    int flags = spec.up() ? IFF_UP : 0;
    header(writer, 0, flags, flags);
    writer.attributeText(IFLA_IFNAME, spec.name());
    common(writer, spec.mtu(), spec.mac());
    if (spec.type() instanceof LinkType.Veth) {
      oneQueue(writer);
    }
    if (spec.masterIndex() != 0) {
      writer.attributeU32(IFLA_MASTER, spec.masterIndex());
    }
    int info = writer.beginNested(IFLA_LINKINFO);
    writer.attributeText(IFLA_INFO_KIND, spec.type().kind());
    switch (spec.type()) {
      case LinkType.Bridge _, LinkType.Dummy _ -> {}
      case LinkType.Veth veth -> writeVeth(writer, veth, open);
      case LinkType.Vxlan vxlan -> writeVxlan(writer, vxlan);
      case LinkType.Ipip ipip -> writeIpip(writer, ipip);
    }
    writer.endNested(info);
  }

  private static void writeVeth(
      MessageWriter writer, LinkType.Veth veth, ToIntFunction<NetworkNamespace> open) {
    int data = writer.beginNested(IFLA_INFO_DATA);
    int peer = writer.beginNested(VETH_INFO_PEER);
    header(writer, 0, 0, 0);
    writer.attributeText(IFLA_IFNAME, veth.peerName());
    common(writer, veth.peerMtu(), veth.peerMac());
    oneQueue(writer);
    veth.peerNamespace().ifPresent(ns -> writer.attributeU32(IFLA_NET_NS_FD, open.applyAsInt(ns)));
    writer.endNested(peer);
    writer.endNested(data);
  }

  /**
   * A pair works with one queue each way in any case; where none is asked for, the kernel makes one
   * for each processor and takes the others away again, and waits for all processors to have seen
   * that (drivers/net/veth.c, veth_init_queues).
   */
  private static void oneQueue(MessageWriter writer) {
    writer.attributeU32(IFLA_NUM_TX_QUEUES, 1);
    writer.attributeU32(IFLA_NUM_RX_QUEUES, 1);
  }

  private static void writeVxlan(MessageWriter writer, LinkType.Vxlan vxlan) {
    int data = writer.beginNested(IFLA_INFO_DATA);
    writer.attributeU32(IFLA_VXLAN_ID, vxlan.vni());
    writer.attributePort(IFLA_VXLAN_PORT, vxlan.port());
    writer.attributeU8(IFLA_VXLAN_LEARNING, vxlan.learning() ? 1 : 0);
    if (vxlan.parentIndex() != 0) {
      writer.attributeU32(IFLA_VXLAN_LINK, vxlan.parentIndex());
    }
    vxlan
        .local()
        .ifPresent(
            local ->
                writer.attributeAddress(
                    local instanceof Ipv6Address ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, local));
    writer.endNested(data);
  }

  private static void writeIpip(MessageWriter writer, LinkType.Ipip ipip) {
    int data = writer.beginNested(IFLA_INFO_DATA);
    ipip.local().ifPresent(local -> writer.attributeAddress(IFLA_IPTUN_LOCAL, local));
    ipip.remote().ifPresent(remote -> writer.attributeAddress(IFLA_IPTUN_REMOTE, remote));
    writer.attributeU8(IFLA_IPTUN_TTL, ipip.ttl());
    writer.attributeU8(IFLA_IPTUN_PMTUDISC, ipip.pathMtuDiscovery() ? 1 : 0);
    writer.endNested(data);
  }

  /** Writes what is to change about a link; {@code open} as in {@link #writeNew}. */
  static void writeUpdate(
      MessageWriter writer, int index, LinkUpdate update, ToIntFunction<NetworkNamespace> open) {
    int change =
        (update.up().isPresent() ? IFF_UP : 0)
            | (update.promiscuous().isPresent() ? IFF_PROMISC : 0);
    int flags =
        (update.up().orElse(false) ? IFF_UP : 0)
            | (update.promiscuous().orElse(false) ? IFF_PROMISC : 0);
    header(writer, index, flags, change);
    update.name().ifPresent(name -> writer.attributeText(IFLA_IFNAME, name));
    common(writer, update.mtu(), update.mac());
    update.masterIndex().ifPresent(master -> writer.attributeU32(IFLA_MASTER, master));
    update.namespace().ifPresent(ns -> writer.attributeU32(IFLA_NET_NS_FD, open.applyAsInt(ns)));
    if (!update.ipv4().isEmpty()) {
      int families = writer.beginNested(IFLA_AF_SPEC);
      int family = writer.beginNested(AF_INET);
      int settings = writer.beginNested(IFLA_INET_CONF);
      update.ipv4().forEach((setting, value) -> writer.attributeU32(setting.number(), value));
      writer.endNested(settings);
      writer.endNested(family);
      writer.endNested(families);
    }
    update.hairpin().ifPresent(mayReturn -> writeHairpin(writer, mayReturn));
  }

  private static void writeHairpin(MessageWriter writer, boolean mayReturn) {
    int info = writer.beginNested(IFLA_LINKINFO);
    writer.attributeText(IFLA_INFO_SLAVE_KIND, BRIDGE);
    int port = writer.beginNested(IFLA_INFO_SLAVE_DATA);
    writer.attributeU8(IFLA_BRPORT_MODE, mayReturn ? 1 : 0);
    writer.endNested(port);
    writer.endNested(info);
  }

  static void writeIndex(MessageWriter writer, int index) {
    header(writer, index, 0, 0);
  }

  private static void common(MessageWriter writer, OptionalInt mtu, Optional<String> mac) {
    mtu.ifPresent(value -> writer.attributeU32(IFLA_MTU, value));
    mac.ifPresent(value -> writer.attributeMac(IFLA_ADDRESS, value));
  }

  private static void header(MessageWriter writer, int index, int flags, int change) {
    writer.u8(0);
    writer.u8(0);
    writer.u16(0);
    writer.u32(index);
    writer.u32(flags);
    writer.u32(change);
  }

  /**
   * Reads a link from a message's body.
   *
   * @return null for a message about a bridge's port or another family's view of a link
   */
  static Link read(ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (to - from < IFINFOMSG || buffer.get(from) != 0) {
      return null;
    }
    int flags = buffer.getInt(from + 8);
    String name = "";
    String kind = "";
    Optional<String> mac = Optional.empty();
    Optional<LinkType> settings = Optional.empty();
    int mtu = 0;
    int master = 0;
    int parent = 0;
    boolean hairpin = false;
    String masterKind = "";
    attributes.over(from + IFINFOMSG, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case IFLA_IFNAME -> name = attributes.text();
        case IFLA_MTU -> mtu = attributes.u32();
        case IFLA_LINK -> parent = attributes.u32();
        case IFLA_MASTER -> master = attributes.u32();
        case IFLA_ADDRESS -> mac = attributes.mac();
        case IFLA_LINKINFO -> {
          Attributes info = attributes.nested();
          while (info.next()) {
            switch (info.type()) {
              case IFLA_INFO_KIND -> kind = info.text();
              case IFLA_INFO_DATA -> settings = readSettings(kind, info.nested());
              case IFLA_INFO_SLAVE_KIND -> masterKind = info.text();
              case IFLA_INFO_SLAVE_DATA ->
                  hairpin = masterKind.equals(BRIDGE) && readHairpin(info.nested());
              default -> {}
            }
          }
        }
        default -> {}
      }
    }
    return new Link(
        buffer.getInt(from + 4),
        name,
        kind,
        mtu,
        (flags & IFF_UP) != 0,
        (flags & IFF_RUNNING) != 0,
        (flags & IFF_LOOPBACK) != 0,
        mac,
        master,
        parent,
        settings,
        (flags & IFF_PROMISC) != 0,
        hairpin);
  }

  private static boolean readHairpin(Attributes port) {
    boolean hairpin = false;
    while (port.next()) {
      if (port.type() == IFLA_BRPORT_MODE) {
        hairpin = port.u8() != 0;
      }
    }
    return hairpin;
  }

  private static Optional<LinkType> readSettings(String kind, Attributes data) {
    return switch (kind) {
      case "vxlan" -> Optional.of(readVxlan(data));
      case "ipip" -> Optional.of(readIpip(data));
      default -> Optional.empty();
    };
  }

  private static LinkType readVxlan(Attributes data) {
    int vni = 0;
    int port = 0;
    int parent = 0;
    boolean learning = false;
    Optional<Address> local = Optional.empty();
    while (data.next()) {
      switch (data.type()) {
        case IFLA_VXLAN_ID -> vni = data.u32();
        case IFLA_VXLAN_PORT -> port = data.port();
        case IFLA_VXLAN_LINK -> parent = data.u32();
        case IFLA_VXLAN_LEARNING -> learning = data.u8() != 0;
        case IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6 -> local = given(data.address());
        default -> {}
      }
    }
    return new LinkType.Vxlan(vni, port, local, parent, learning);
  }

  private static LinkType readIpip(Attributes data) {
    Optional<Ipv4Address> local = Optional.empty();
    Optional<Ipv4Address> remote = Optional.empty();
    int ttl = 0;
    boolean pathMtuDiscovery = false;
    while (data.next()) {
      switch (data.type()) {
        case IFLA_IPTUN_LOCAL -> local = given(data.address()).map(Ipv4Address.class::cast);
        case IFLA_IPTUN_REMOTE -> remote = given(data.address()).map(Ipv4Address.class::cast);
        case IFLA_IPTUN_TTL -> ttl = data.u8();
        case IFLA_IPTUN_PMTUDISC -> pathMtuDiscovery = data.u8() != 0;
        default -> {}
      }
    }
    return new LinkType.Ipip(local, remote, ttl, pathMtuDiscovery);
  }

  private static Optional<Address> given(Address address) {
    return Optional.ofNullable(address).filter(a -> !a.isUnspecified());
  }
}
