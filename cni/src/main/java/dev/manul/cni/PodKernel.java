package dev.manul.cni;

import dev.manul.model.Prefix;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The pods' ends of links. Every call enters the pod's namespace on a thread that is for that. */
final class PodKernel {

  private PodKernel() {}

  /**
   * What a pod's end is to become.
   *
   * @param attachment with addresses and index
   * @param index of the pod's end, in its namespace
   * @param mac another hardware address than the one the end was made with
   * @param forwarding whether the pod may forward packets
   */
  record Wanted(Attachment attachment, int index, Optional<String> mac, boolean forwarding) {}

  /**
   * Enters the namespace, waits there until the end has been made and its addresses are known, and
   * sets it up; beside the caller.
   *
   * @param wanted waits; what it throws ends this too
   */
  static CompletableFuture<Void> configureBeside(NetworkNamespace pod, Supplier<Wanted> wanted) {
    return pod.start(
        () -> {
          try (RouteSocket socket = RouteSocket.openBriefly()) {
            configure(socket, wanted.get());
          }
        });
  }

  /** Sets up the pod's end, on the calling thread. */
  static void configure(NetworkNamespace pod, Wanted wanted) {
    pod.visit(
        () -> {
          try (RouteSocket socket = RouteSocket.openBriefly()) {
            configure(socket, wanted);
          }
        });
  }

  private static void configure(RouteSocket socket, Wanted wanted) {
    Attachment attachment = wanted.attachment();
    Settings.write(PodLink.podSettings(attachment, wanted.forwarding()));
    HostKernel.require(
        "set up " + attachment.key().ifname() + " of the container",
        socket.apply(PodLink.podEnd(attachment, wanted.index(), wanted.mac())));
  }

  /**
   * How the pod's end differs from what was made.
   *
   * @return a line for each difference; none when all is as it was made
   */
  static List<String> differences(NetworkNamespace pod, Attachment attachment) {
    return pod.call(
        () -> {
          try (RouteSocket socket = RouteSocket.openBriefly()) {
            return differences(socket, attachment);
          }
        });
  }

  private static List<String> differences(RouteSocket socket, Attachment attachment) {
    String ifname = attachment.key().ifname();
    Optional<Link> found = socket.link(ifname);
    if (found.isEmpty()) {
      return List.of("the container has no link " + ifname);
    }
    Link link = found.get();
    List<String> differences = new ArrayList<>();
    if (!link.up()) {
      differences.add(ifname + " of the container is down");
    }
    if (link.parentIndex() != attachment.deviceIndex()) {
      differences.add(ifname + " of the container is not the other end of " + attachment.device());
    }
    Set<Prefix> missing = new HashSet<>(attachment.prefixes());
    for (LinkAddress address : socket.addresses()) {
      if (address.linkIndex() == link.index()) {
        missing.remove(address.address().address().toPrefix());
      }
    }
    missing.forEach(prefix -> differences.add(ifname + " has lost the address " + prefix));
    List<Route> routes = socket.routes(RouteSelection.ofTable(Route.MAIN_TABLE));
    for (Prefix destination : PodLink.defaults(attachment)) {
      if (routes.stream().noneMatch(route -> route.destination().equals(destination))) {
        differences.add("the container has lost its route " + destination);
      }
    }
    return differences;
  }

  /**
   * Removes a link of which nothing is remembered, if it is one end of a pair.
   *
   * @return whether there was one
   */
  static boolean removeLink(NetworkNamespace pod, String ifname) {
    return pod.call(
        () -> {
          try (RouteSocket socket = RouteSocket.openBriefly()) {
            Optional<Link> link = socket.link(ifname).filter(l -> l.kind().equals("veth"));
            link.ifPresent(
                l ->
                    HostKernel.require(
                        "remove " + ifname + " of the container",
                        socket.apply(List.of(new Change.DeleteLink(l.index())))));
            return link.isPresent();
          }
        });
  }
}
