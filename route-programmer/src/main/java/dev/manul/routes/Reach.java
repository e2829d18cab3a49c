package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.netlink.NextHop;
import java.util.List;

/** How this host gets a packet to an address. */
public sealed interface Reach {

  /**
   * The address is a neighbour.
   *
   * @param linkIndex the link it is on
   * @param assumed true when only the node's own subnet says so and no route of the kernel does
   */
  record OnLink(int linkIndex, boolean assumed) implements Reach {

    /** A route's hop to the neighbour, whose address this is. */
    NextHop hopTo(Address neighbour) {
      return assumed ? NextHop.onlinkVia(neighbour, linkIndex) : NextHop.via(neighbour, linkIndex);
    }
  }

  /**
   * The address is behind routers.
   *
   * @param gateways the routers, each with a gateway and a link; one or more
   */
  record Behind(List<NextHop> gateways) implements Reach {
    public Behind {
      gateways = List.copyOf(gateways);
    }
  }

  /** The address is this host's own. */
  record Self() implements Reach {}

  /**
   * There is no way.
   *
   * @param why the reason, a clause such as {@code "no route leads to it"}
   */
  record Unreachable(String why) implements Reach {}
}
