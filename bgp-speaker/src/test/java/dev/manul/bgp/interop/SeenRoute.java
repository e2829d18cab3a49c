package dev.manul.bgp.interop;

import java.util.List;
import java.util.Set;

/**
 * A route as a speaker has it, in words that are the same for all speakers.
 *
 * @param asPath the numbers, with spaces between
 * @param originatorId "" for none
 * @param stale whether it is kept only until the neighbour is back
 */
record SeenRoute(
    String asPath,
    String nextHop,
    Set<String> communities,
    Set<String> largeCommunities,
    String originatorId,
    List<String> clusterList,
    boolean stale) {}
