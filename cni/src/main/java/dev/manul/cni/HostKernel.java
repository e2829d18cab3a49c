package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkRemover;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;

/**
 * The node's ends of pods' links. Safe for use by many threads: each call is lent a socket of its
 * own, and sockets are kept for the next call.
 */
final class HostKernel implements AutoCloseable {

  /** So many sockets are kept, of some 200 KiB each. */
  private static final int MOST_IDLE = 8;

  private final NetworkNamespace host;
  private final LinkRemover remover;
  private final ConcurrentLinkedDeque<RouteSocket> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  HostKernel(NetworkNamespace host) {
    this.host = host;
    this.remover = new LinkRemover(host);
  }

  private <T> T call(Function<RouteSocket, T> work) {
    RouteSocket lent = idle.pollFirst();
    RouteSocket socket = lent == null ? RouteSocket.open(host) : lent;
    boolean sound = false;
    try {
      T result = work.apply(socket);
      sound = true;
      return result;
    } finally {
      // after a failed call an answer may still be on its way
      if (sound && !closed && idle.size() < MOST_IDLE) {
        idle.addFirst(socket);
      } else {
        socket.close();
      }
    }
  }

  /** The device of a name. */
  Optional<Link> link(String device) {
    return call(socket -> socket.link(device));
  }

  /** All devices. */
  List<Link> links() {
    return call(RouteSocket::links);
  }

  /**
   * Makes a pair of which one end is in the pod. A device of that name that is there already is
   * replaced: it was of an earlier sandbox.
   *
   * @return the node's end; the pod's is its parent, as the kernel calls that
   */
  Link create(String device, NetworkNamespace pod, String ifname, String podMac, int mtu) {
    Change.CreateLink creation = PodLink.create(device, pod, ifname, podMac, mtu);
    return call(
        socket -> {
          Optional<Link> made = createNew(socket, creation);
          if (made.isEmpty()) {
            Link stale =
                socket
                    .link(device)
                    .orElseThrow(
                        () ->
                            new CniException(
                                Code.KERNEL_FAILURE,
                                "the container has a link " + ifname + " already"));
            delete(stale.index());
            made = createNew(socket, creation);
          }
          return made.orElseThrow(
              () -> new CniException(Code.KERNEL_FAILURE, device + " is being made by another"));
        });
  }

  /** Makes a link; empty when one of its ends is there already. */
  private static Optional<Link> createNew(RouteSocket socket, Change.CreateLink creation) {
    try {
      return Optional.of(socket.create(creation));
    } catch (NetlinkException e) {
      if (e.errno().equals(Errno.EEXIST)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Sets the node's end up, with its routes. */
  void attach(Attachment attachment) {
    List<PodLink.Setting> settings = PodLink.hostSettings(attachment);
    host.run(() -> Settings.write(settings));
    program(attachment.device(), PodLink.hostEnd(attachment), PodLink.hostRoutes(attachment));
  }

  /** Puts the node's end on a bridge, and sets it up. */
  void join(Attachment attachment, BridgePort port, int bridge) {
    // a port has no addresses; the bridge has
    var _ = setIfThere(List.of("ipv6/conf/" + attachment.device() + "/disable_ipv6"), "1");
    int index = attachment.deviceIndex();
    apply(
        "put " + attachment.device() + " on " + port.settings().name(),
        List.of(
            new Change.SetLink(index, LinkUpdate.NOTHING.withUp(true).withMaster(bridge)),
            new Change.SetLink(index, LinkUpdate.NOTHING.withHairpin(port.settings().hairpin()))));
  }

  /** The bridge of a name, made if there is none. */
  Link bridge(String name, String mac) {
    return call(
        socket -> {
          Optional<Link> before = socket.link(name);
          if (before.isEmpty()) {
            ApplyReport report =
                socket.apply(
                    List.of(
                        new Change.CreateLink(
                            LinkSpec.of(name, new LinkType.Bridge()).withMac(mac))));
            if (!failedWith(report, Errno.EEXIST)) {
              require("create " + name, report);
            }
          }
          Link bridge =
              before
                  .or(() -> socket.link(name))
                  .orElseThrow(
                      () -> new CniException(Code.KERNEL_FAILURE, name + " vanished at once"));
          if (!bridge.kind().equals("bridge")) {
            throw new CniException(
                Code.KERNEL_FAILURE, "the node has a link " + name + " that is no bridge");
          }
          return bridge;
        });
  }

  /** All addresses of all devices. */
  List<LinkAddress> addresses() {
    return call(RouteSocket::addresses);
  }

  /** Writes settings of the node. */
  void set(List<PodLink.Setting> settings) {
    host.run(() -> Settings.write(settings));
  }

  /**
   * Sets settings that not every kernel has.
   *
   * @return those that this one has not
   */
  List<String> setIfThere(List<String> names, String value) {
    return host.call(
        () -> {
          List<String> absent = new ArrayList<>();
          for (String name : names) {
            if (Files.exists(NetworkNamespace.sysctls().resolve(name))) {
              Settings.write(List.of(new PodLink.Setting(name, value)));
            } else {
              absent.add(name);
            }
          }
          return absent;
        });
  }

  /** Makes changes. */
  void apply(String attempted, List<Change> changes) {
    if (!changes.isEmpty()) {
      call(
          socket -> {
            ApplyReport report = socket.apply(changes);
            require(attempted, report);
            return report;
          });
    }
  }

  /** Makes changes, and puts routes by a device in the place of others of ours. */
  void program(String device, List<Change> settings, List<Route> routes) {
    List<Change> changes = new ArrayList<>(settings);
    routes.forEach(route -> changes.add(new Change.AddRoute(route)));
    call(
        socket -> {
          ApplyReport report = socket.apply(changes);
          for (ApplyReport.Failure failure : report.failures()) {
            if (failure.change() instanceof Change.AddRoute wanted
                && failure.errno().equals(Errno.EEXIST)) {
              takeOver(socket, device, wanted.route());
            } else {
              require("set up " + device, report);
            }
          }
          return report;
        });
  }

  /**
   * An address that the IPAM has just given has a route already. It may be the same one, put there
   * by the programmer of the node's routes; or one of ours to a link whose sandbox is gone, which
   * is replaced. What others have set is theirs.
   */
  private static void takeOver(RouteSocket socket, String device, Route wanted) {
    List<Route> there =
        socket.routes(RouteSelection.ofTable(wanted.table()).withFamily(wanted.family())).stream()
            .filter(route -> route.key().equals(wanted.key()))
            .toList();
    if (there.stream().anyMatch(route -> route.nextHops().equals(wanted.nextHops()))) {
      return;
    }
    for (Route other : there) {
      if (other.protocol() != PodLink.PROTOCOL) {
        throw new CniException(
            Code.ADDRESS_NOT_FREE,
            "there is a route for " + wanted.destination() + " that is not ours",
            other.text(index -> linkName(socket, index)));
      }
    }
    require(
        "route " + wanted.destination() + " to " + device,
        socket.apply(List.of(new Change.ReplaceRoute(wanted))));
  }

  private static String linkName(RouteSocket socket, int index) {
    return socket.links().stream()
        .filter(link -> link.index() == index)
        .map(Link::name)
        .findFirst()
        .orElse(null);
  }

  /** Removes a device, and the other end and all routes with it; one that is gone is no error. */
  void delete(int index) {
    remover.remove(index);
  }

  /** The routes that lead to a device. */
  List<Route> routesTo(int index) {
    return call(socket -> socket.routes(RouteSelection.ofTable(Route.MAIN_TABLE).withLink(index)));
  }

  static boolean failedWith(ApplyReport report, Errno errno) {
    return report.failures().stream().anyMatch(failure -> failure.errno().equals(errno));
  }

  static void require(String attempted, ApplyReport report) {
    if (!report.ok()) {
      ApplyReport.Failure first = report.failures().getFirst();
      throw new NetlinkException(attempted, first.errno(), first.message());
    }
  }

  @Override
  public void close() {
    closed = true;
    remover.close();
    for (RouteSocket socket = idle.pollFirst(); socket != null; socket = idle.pollFirst()) {
      socket.close();
    }
  }
}
