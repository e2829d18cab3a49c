package dev.manul.agent.trace;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.RouteAnswer;
import dev.manul.netlink.RouteQuestion;
import dev.manul.netlink.RouteSocket;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.kernel.RulesException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the kernel of this node and into the namespaces of its pods; changes nothing. */
final class KernelSight {

  private static final Logger log = LoggerFactory.getLogger(KernelSight.class);

  /** Where namespaces with names are; some runtimes keep pods' there. */
  private static final Path NAMED = Path.of("/run/netns");

  /** The tables of x_tables that there are. */
  private static final Path TABLES = Path.of("/proc/net/ip_tables_names");

  private static final Path TABLES_IPV6 = Path.of("/proc/net/ip6_tables_names");

  /** Looked into for a pod that this agent has not wired itself. */
  private static final int MOST_NAMESPACES = 512;

  private KernelSight() {}

  /** The kernel's look-up; empty when the link of the question is down or not there. */
  static Optional<RouteAnswer> lookUp(RouteQuestion question) {
    try (RouteSocket socket = RouteSocket.openBriefly()) {
      return Optional.of(socket.lookUp(question));
    } catch (NetlinkException e) {
      if (e.errno().equals(Errno.ENODEV) || e.errno().equals(Errno.ENETDOWN)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The settings that forwarding by these links depends on, as far as they can be read. */
  static Map<String, String> settings(AddressFamily family, List<String> links) {
    Map<String, String> settings = new HashMap<>();
    if (family == AddressFamily.IPV4) {
      read("ipv4/ip_forward", settings);
      read("ipv4/conf/all/rp_filter", settings);
    } else {
      read("ipv6/conf/all/forwarding", settings);
    }
    for (String link : links) {
      if (family == AddressFamily.IPV4) {
        read("ipv4/conf/" + link + "/rp_filter", settings);
        read("ipv4/conf/" + link + "/forwarding", settings);
      } else {
        read("ipv6/conf/" + link + "/forwarding", settings);
      }
    }
    return settings;
  }

  private static void read(String name, Map<String, String> into) {
    try {
      into.put(name, NetworkNamespace.current().readSysctl(name));
    } catch (NetlinkException e) {
      log.debug("event=setting_unreadable name={} cause=\"{}\"", name, e.getMessage());
    }
  }

  /** The chain FORWARD as each of the host's packet filters lists it. */
  static Map<String, List<String>> forwardChains(AddressFamily family) {
    Map<String, List<String>> chains = new HashMap<>();
    var programs = new HostPrograms(NetworkNamespace.current());
    for (Backend backend : Backend.values()) {
      if (backend == Backend.LEGACY && !hasLegacyFilter(family)) {
        continue; // its program would make the table that it is asked for
      }
      String program = backend.program(family);
      try {
        String listed = programs.ok(List.of(program, "-w", "5", "-S", "FORWARD"), "");
        chains.put(program, listed.lines().toList());
      } catch (RulesException e) { // a host need not have both
        log.debug("event=chain_unreadable program={} cause=\"{}\"", program, e.getMessage());
      }
    }
    return chains;
  }

  private static boolean hasLegacyFilter(AddressFamily family) {
    try {
      return Files.readAllLines(family == AddressFamily.IPV4 ? TABLES : TABLES_IPV6)
          .contains("filter");
    } catch (IOException e) { // a kernel without x_tables
      return false;
    }
  }

  /** The namespace of the pod that has an address; the one that is known comes first. */
  static Optional<NetworkNamespace> namespaceOf(Address address, Optional<Path> known) {
    if (known.isPresent()) {
      return known.map(NetworkNamespace::ofPath).filter(NetworkNamespace::exists);
    }
    int seen = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(NAMED)) {
      for (Path file : files) {
        if (++seen > MOST_NAMESPACES) {
          return Optional.empty();
        }
        NetworkNamespace namespace = NetworkNamespace.ofPath(file);
        if (has(namespace, address)) {
          return Optional.of(namespace);
        }
      }
    } catch (IOException e) {
      log.debug("event=namespaces_unreadable cause=\"{}\"", e.getMessage());
    }
    return Optional.empty();
  }

  private static boolean has(NetworkNamespace namespace, Address address) {
    try {
      return namespace.call(
          () -> {
            try (RouteSocket socket = RouteSocket.openBriefly()) {
              return holder(socket, address).isPresent();
            }
          });
    } catch (NetlinkException e) { // one that is just going
      return false;
    }
  }

  private static Optional<LinkAddress> holder(RouteSocket socket, Address address) {
    return socket.addresses().stream()
        .filter(one -> one.address().address().equals(address))
        .findFirst();
  }

  /** What is inside a pod, and what it does with a packet to {@code other}. */
  static PodSight inside(Optional<NetworkNamespace> namespace, Address own, Address other) {
    if (namespace.isEmpty()) {
      return new PodSight.Unseen("the pod's network namespace is not known to this agent");
    }
    try {
      return namespace
          .get()
          .call(
              () -> {
                try (RouteSocket socket = RouteSocket.openBriefly()) {
                  return inside(socket, own, other);
                }
              });
    } catch (NetlinkException e) {
      return new PodSight.Unseen("the pod's network namespace: " + e.getMessage());
    }
  }

  private static PodSight inside(RouteSocket socket, Address own, Address other) {
    Optional<LinkAddress> holder = holder(socket, own);
    Optional<Link> link =
        holder.flatMap(
            address ->
                socket.links().stream()
                    .filter(one -> one.index() == address.linkIndex())
                    .findFirst());
    return link.<PodSight>map(
            one ->
                new PodSight.Seen(
                    one.name(), one.up(), one.mtu(), socket.lookUp(RouteQuestion.sent(other))))
        .orElseGet(PodSight.Addressless::new);
  }
}
