package dev.manul.bgp.rib;

/** Why a neighbour is told of a best path, or why not. */
public enum ExportReason {
  EXPORTED("announced"),
  NO_PATH("there is no best path"),
  NO_SESSION("the session is not up"),
  FAMILY("the session does not carry its address family"),
  SPLIT_HORIZON("it was learned from this neighbour"),
  INTERNAL("it was learned from an internal neighbour, and neither of the two is a client"),
  NO_ADVERTISE("it has the community NO_ADVERTISE"),
  NO_EXPORT("it has the community NO_EXPORT or NO_EXPORT_SUBCONFED"),
  ONLY_TO_CUSTOMER("its OTC attribute keeps it from this neighbour's role"),
  LONG_LIVED_STALE("it is long-lived stale, and the neighbour does not take such routes"),
  FILTER("the export filter rejects it"),
  NEXT_HOP("there is no next hop of its address family to tell"),
  TOO_LONG("its attributes do not fit into a message"),
  DEFERRED("learned routes wait until all neighbours have sent theirs");

  private final String text;

  ExportReason(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
