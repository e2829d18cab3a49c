package dev.manul.bgp.interop;

import java.util.List;
import java.util.Set;

/**
 * A route as a speaker has it, in words that are the same for all speakers.
 *
 * @param asPath the numbers, with spaces between
 * @param originatorId "" for none
 * @param onlyToCustomer the number in the mark of RFC 9234; "" for none, or when it is not shown
 * @param stale whether it is kept only until the neighbour is back
 */
record SeenRoute(
    String asPath,
    String nextHop,
    Set<String> communities,
    Set<String> largeCommunities,
    String originatorId,
    List<String> clusterList,
    String onlyToCustomer,
    boolean stale) {

  /** The community of long-lived stale routes (RFC 9494 section 5). */
  static final String LONG_LIVED_STALE = "65535:6";
}
