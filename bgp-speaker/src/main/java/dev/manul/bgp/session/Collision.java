package dev.manul.bgp.session;

import dev.manul.model.Ipv4Address;

/** Which of two connections with one neighbour stays, RFC 4271 section 6.8 and RFC 6286. Pure. */
final class Collision {
  private Collision() {}

  /**
   * Whether a connection that has just got its OPEN stays, and not the one before it. Both ends
   * come to the same answer: the connection stays which the end with the higher identifier has
   * made.
   */
  static boolean stays(Session session, Session other, Ipv4Address routerId) {
    Negotiated agreed = session.negotiated();
    return stays(
        session.dialled(),
        other.dialled(),
        compare(routerId, agreed.localAs(), agreed.remoteId(), agreed.remoteAs()));
  }

  /**
   * See {@link #stays(Session, Session, Ipv4Address)}.
   *
   * @param order above zero when this end's identifier is the higher one
   */
  static boolean stays(boolean dialled, boolean otherDialled, int order) {
    if (dialled == otherDialled) {
      return true; // one end has made both, and so has given up the first
    }
    return dialled == order > 0;
  }

  /** Orders two ends by identifier, and by AS number when that is equal. */
  static int compare(Ipv4Address id, long asNumber, Ipv4Address otherId, long otherAs) {
    int byId = Integer.compareUnsigned(id.value(), otherId.value());
    return byId != 0 ? byId : Long.compare(asNumber, otherAs);
  }
}
