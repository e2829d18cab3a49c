package dev.manul.agent.trace;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RouteExplanation;
import java.util.List;
import java.util.Optional;

/**
 * What BGP says of an address.
 *
 * @param sessions all there are to be
 * @param why the routes of the longest prefix known; empty when none is
 */
record BgpSight(List<NeighborStatus> sessions, Optional<RouteExplanation> why) {

  static final BgpSight NOTHING = new BgpSight(List.of(), Optional.empty());

  BgpSight {
    sessions = List.copyOf(sessions);
  }
}
