package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.Route;
import java.util.List;

/**
 * What the programmer asks of a namespace's kernel. Used by one thread; every call may throw {@link
 * NetlinkException}.
 */
interface Kernel extends AutoCloseable {

  List<Link> links();

  List<LinkAddress> addresses();

  /** All routes of both families in one table, whoever installed them. */
  List<Route> routes(int table);

  /** The neighbours of both families on all links. */
  List<Neighbour> neighbours();

  /** The forwarding database of a VXLAN device. */
  List<ForwardingEntry> forwardingEntries(int linkIndex);

  /** See {@link dev.manul.netlink.RouteSocket#apply}. */
  ApplyReport apply(List<? extends Change> changes);

  /**
   * Starts to carry the packets of a TUN device in UDP; see {@link PacketRelay#start}. The relay
   * has a thread of its own, and may be used by any.
   */
  Relay relay(String device, Address local, int port, PacketRelay.Directory directory);

  /** See {@link PacketRelay}. */
  interface Relay extends AutoCloseable {
    boolean running();

    void directory(PacketRelay.Directory directory);

    PacketRelay.Counts counts();

    @Override
    void close();
  }

  /** A setting below {@code /proc/sys/net}. */
  String readSysctl(String name);

  void writeSysctl(String name, String value);

  @Override
  void close();
}
