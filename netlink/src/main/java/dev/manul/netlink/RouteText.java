package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.function.IntFunction;

/** Writes routes as {@code ip route} of iproute2 does. */
final class RouteText {

  private RouteText() {}

  static String of(Route route, IntFunction<String> linkName) {
    StringBuilder text = new StringBuilder(80);
    if (route.type() != RouteType.UNICAST) {
      text.append(route.type().word()).append(' ');
    }
    text.append(destination(route.destination()));
    if (route.tos() != 0) {
      text.append(" tos 0x").append(Integer.toHexString(route.tos()));
    }
    boolean single = route.nextHops().size() == 1;
    if (single) {
      hop(text, route.nextHops().getFirst(), route.family(), linkName);
    }
    if (route.table() != Route.MAIN_TABLE) {
      text.append(" table ").append(tableName(route.table()));
    }
    if (route.protocol() != Route.BOOT_PROTOCOL) {
      text.append(" proto ").append(protocolName(route.protocol()));
    }
    if (!route.scope().equals(Scope.GLOBAL)) {
      text.append(" scope ").append(route.scope());
    }
    route.preferredSource().ifPresent(source -> text.append(" src ").append(source));
    if (route.metric() != 0) {
      text.append(" metric ").append(route.metric());
    }
    if (single && route.nextHops().getFirst().onlink()) {
      text.append(" onlink");
    }
    if (!single) {
      for (NextHop nextHop : route.nextHops()) {
        text.append(" nexthop");
        hop(text, nextHop, route.family(), linkName);
        text.append(" weight ").append(nextHop.weight());
        if (nextHop.onlink()) {
          text.append(" onlink");
        }
      }
    }
    return text.toString();
  }

  private static void hop(
      StringBuilder text, NextHop hop, AddressFamily family, IntFunction<String> linkName) {
    if (hop.gateway().isPresent()) {
      Address gateway = hop.gateway().get();
      text.append(" via ");
      if (gateway.family() != family) {
        text.append(gateway.family() == AddressFamily.IPV6 ? "inet6 " : "inet ");
      }
      text.append(gateway);
    }
    if (hop.linkIndex() != 0) {
      String name = linkName.apply(hop.linkIndex());
      text.append(" dev ").append(name == null ? "if" + hop.linkIndex() : name);
    }
  }

  private static String destination(Prefix prefix) {
    if (prefix.length() == 0) {
      return "default";
    }
    return prefix.isSingleAddress() ? prefix.address().text() : prefix.toString();
  }

  private static String tableName(int table) {
    return switch (table) {
      case 253 -> "default";
      case Route.LOCAL_TABLE -> "local";
      default -> Integer.toUnsignedString(table);
    };
  }

  private static String protocolName(int protocol) {
    return switch (protocol) {
      case 0 -> "unspec";
      case 1 -> "redirect";
      case 2 -> "kernel";
      case 3 -> "boot";
      case 4 -> "static";
      case 9 -> "ra";
      case 16 -> "dhcp";
      case 12 -> "bird";
      case 11 -> "zebra";
      case 186 -> "bgp";
      case 187 -> "isis";
      case 188 -> "ospf";
      case 189 -> "rip";
      case 192 -> "eigrp";
      default -> Integer.toString(protocol);
    };
  }
}
