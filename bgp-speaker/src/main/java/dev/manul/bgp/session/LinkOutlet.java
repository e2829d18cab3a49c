package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.rib.AsNumbers;
import dev.manul.bgp.rib.Outlet;
import dev.manul.bgp.rib.PeerSession;
import dev.manul.bgp.rib.RibPeer;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.MessageEncoder;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.UpdateBatch;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Set;

/** An Established session as the RIB sees it. */
final class LinkOutlet implements Outlet {
  private final Link link;
  private final EncodeContext context;
  private final Neighbor neighbor;
  private final int paths;

  /**
   * Sends over a link.
   *
   * @param paths how many paths of a prefix go to a neighbour that takes several
   * @param neighbor counts messages
   */
  LinkOutlet(Link link, Negotiated agreed, int paths, Neighbor neighbor) {
    this.paths = paths;
    this.link = link;
    this.context = agreed.encodeContext();
    this.neighbor = neighbor;
  }

  /** What import, decision and export need to know of a session. */
  static PeerSession describe(
      Session session,
      NeighborConfiguration configuration,
      Ipv4Address routerId,
      long defaultLocalPreference,
      boolean transit) {
    Negotiated agreed = session.negotiated();
    return new PeerSession(
        session.link().localAddress(),
        agreed.remoteId(),
        new AsNumbers(
            agreed.localAs(),
            agreed.remoteAs(),
            configuration.allowAsIn(),
            configuration.asOverride(),
            agreed.localRole()),
        configuration.routeReflectorClient() && !agreed.external(),
        configuration.clusterId().orElse(routerId),
        Set.copyOf(agreed.families()),
        agreed.extendedNextHop(),
        agreed.takesLongLived() ? Set.copyOf(agreed.families()) : Set.of(),
        configuration.nextHopSelf(),
        configuration.nextHopKeep(),
        defaultLocalPreference,
        configuration.importFilter(),
        configuration.exportFilter(),
        agreed.endOfRib(),
        transit);
  }

  @Override
  public boolean writable() {
    return link.writable();
  }

  @Override
  public boolean fits(PathAttributes attributes, Family family) {
    return MessageEncoder.fits(attributes, family, context);
  }

  @Override
  public boolean overfull() {
    return link.overfull();
  }

  @Override
  public Object encoding() {
    return context;
  }

  @Override
  public int paths(Family family) {
    return context.addPathSend().contains(family) ? Math.max(1, paths) : 0;
  }

  @Override
  public void send(UpdateBatch batch, RibPeer to) {
    neighbor.history().countSentUpdates(batch.count(to));
    link.send(batch, to);
  }

  @Override
  public void send(List<BgpMessage> messages) {
    neighbor.history().countSent(messages);
    link.send(messages);
  }
}
