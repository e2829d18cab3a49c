package dev.manul.routes;

import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
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

  /** A setting below {@code /proc/sys/net}. */
  String readSysctl(String name);

  void writeSysctl(String name, String value);

  @Override
  void close();
}
