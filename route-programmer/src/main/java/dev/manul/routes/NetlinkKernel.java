package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.util.List;

/** The real kernel, by netlink. */
final class NetlinkKernel implements Kernel {

  private final NetworkNamespace namespace;
  private final RouteSocket socket;

  NetlinkKernel(NetworkNamespace namespace, RouteSocket socket) {
    this.namespace = namespace;
    this.socket = socket;
  }

  @Override
  public List<Link> links() {
    return socket.links();
  }

  @Override
  public List<LinkAddress> addresses() {
    return socket.addresses();
  }

  @Override
  public List<Route> routes(int table) {
    return socket.routes(RouteSelection.ofTable(table));
  }

  @Override
  public List<Neighbour> neighbours() {
    return socket.neighbours();
  }

  @Override
  public List<ForwardingEntry> forwardingEntries(int linkIndex) {
    return socket.forwardingEntries(linkIndex);
  }

  @Override
  public ApplyReport apply(List<? extends Change> changes) {
    return socket.apply(changes);
  }

  @Override
  public Relay relay(String device, Address local, int port, PacketRelay.Directory directory) {
    PacketRelay relay = PacketRelay.start(namespace, device, local, port, directory);
    return new Relay() {
      @Override
      public boolean running() {
        return relay.running();
      }

      @Override
      public void directory(PacketRelay.Directory newDirectory) {
        relay.directory(newDirectory);
      }

      @Override
      public PacketRelay.Counts counts() {
        return relay.counts();
      }

      @Override
      public void close() {
        relay.close();
      }
    };
  }

  @Override
  public String readSysctl(String name) {
    return namespace.readSysctl(name);
  }

  @Override
  public void writeSysctl(String name, String value) {
    namespace.writeSysctl(name, value);
  }

  @Override
  public void close() {
    socket.close();
  }
}
