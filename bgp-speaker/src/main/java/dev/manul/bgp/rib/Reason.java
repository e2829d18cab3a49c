package dev.manul.bgp.rib;

/** Why a path is the best of its prefix, or why not, in the order in which this is decided. */
public enum Reason {
  UNDECIDED("not decided yet"),
  REFUSED_BY_POLICY("refused by import policy"),
  AS_LOOP("our AS is in its AS_PATH"),
  ROUTE_LEAK("its OTC attribute says that it has been leaked"),
  ORIGINATOR_LOOP("its ORIGINATOR_ID is our router id"),
  CLUSTER_LOOP("our cluster id is in its CLUSTER_LIST"),
  OWN_NEXT_HOP("its next hop is this end of the session"),
  UNREACHABLE_NEXT_HOP("its next hop is unreachable"),
  LONG_LIVED_STALE("it is long-lived stale"),
  LOCAL_ROUTE("a route of our own is preferred"),
  LOCAL_PREFERENCE("lower LOCAL_PREF"),
  AIGP("higher AIGP metric, or none"),
  AS_PATH_LENGTH("longer AS_PATH"),
  ORIGIN("worse ORIGIN"),
  MULTI_EXIT_DISCRIMINATOR("higher MED"),
  INTERNAL("an external path is preferred"),
  INTERIOR_METRIC("next hop is farther away"),
  ROUTER_ID("higher router id"),
  CLUSTER_LIST_LENGTH("longer CLUSTER_LIST"),
  PEER_ADDRESS("higher neighbour address"),
  BEST("best");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** Whether a path that loses for this reason still shares the traffic. */
  boolean tiesUpToMetric() {
    return this == ROUTER_ID || this == CLUSTER_LIST_LENGTH || this == PEER_ADDRESS || this == BEST;
  }

  @Override
  public String toString() {
    return text;
  }
}
