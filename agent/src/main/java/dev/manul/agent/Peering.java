package dev.manul.agent;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Node;
import dev.manul.model.PeerAddress;
import dev.manul.model.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who this node speaks BGP with: the node-to-node mesh and the BGPPeers that concern it. Pure.
 *
 * <p>The rules are Calico's (confd's {@code bgp_processor} and templates), so that a mixed cluster
 * has the same sessions: reflectors are left out of the mesh, the node whose address is the lesser
 * text waits for the other, and of two peers at one address a global one comes first.
 */
final class Peering {

  private static final int MOST_HOPS = 255;

  private Peering() {}

  /** Why a session exists, in the words of {@code node status}. */
  enum PeerType {
    MESH("node-to-node mesh"),
    NODE("node specific"),
    GLOBAL("global");

    private final String text;

    PeerType(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /** A session this node is to have. */
  record Peer(PeerType type, NeighborConfiguration neighbor) {}

  /**
   * The sessions of a node.
   *
   * @param peers at most one for each address and port, in the order of address
   * @param neighbors the same as the speaker takes them
   * @param problems a line for each BGPPeer that asks for something that cannot be done
   */
  record Sessions(List<Peer> peers, List<NeighborConfiguration> neighbors, List<String> problems) {

    static final Sessions NONE = Sessions.of(List.of(), List.of());

    static Sessions of(List<Peer> peers, List<String> problems) {
      return new Sessions(
          List.copyOf(peers), peers.stream().map(Peer::neighbor).toList(), List.copyOf(problems));
    }
  }

  /** All sessions of {@code view}'s node; none before the node is registered. */
  static Sessions sessions(ClusterView view) {
    Optional<Node> self = view.self();
    if (self.isEmpty() || self.get().spec().bgp().isEmpty()) {
      return Sessions.NONE;
    }
    return new Calculation(view, self.get()).run();
  }

  /** The AS number of a node: its own or the cluster's. */
  static long asNumber(ClusterView view, Node node) {
    return node.spec()
        .bgp()
        .flatMap(Node.Bgp::asNumber)
        .orElseGet(() -> view.bgpOf(node.metadata().name()).asNumber());
  }

  private static final class Calculation {
    private final ClusterView view;
    private final Node self;
    private final BGPConfiguration.Spec cluster;
    private final long ownAs;
    private final Map<Address, Peer> chosen = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    Calculation(ClusterView view, Node self) {
      this.view = view;
      this.self = self;
      this.cluster = view.bgpOf(view.nodeName());
      this.ownAs = asNumber(view, self);
    }

    Sessions run() {
      // A global peer suppresses a node's own at the same address; both come before the mesh.
      view.peers().stream().filter(Peering::isGlobal).forEach(peer -> explicit(peer));
      view.peers().stream().filter(peer -> !isGlobal(peer)).forEach(peer -> explicit(peer));
      view.peers().forEach(this::reverse);
      if (meshEnabled()) {
        view.nodes().values().stream()
            .filter(node -> !node.metadata().name().equals(view.nodeName()))
            .filter(node -> !isReflector(node))
            .forEach(this::mesh);
      }
      List<Peer> peers =
          chosen.values().stream()
              .sorted(Comparator.comparing(peer -> peer.neighbor().address()))
              .toList();
      return Sessions.of(peers, problems);
    }

    private boolean meshEnabled() {
      return !isReflector(self) && cluster.nodeToNodeMeshEnabled();
    }

    private void mesh(Node node) {
      for (AddressFamily family : AddressFamily.values()) {
        Optional<Address> own = address(self, family);
        Optional<Address> peer = address(node, family);
        if (own.isPresent() && peer.isPresent()) {
          NeighborConfiguration.Builder neighbor = ofNode(node, own.get(), peer.get());
          cluster
              .nodeMeshMaxRestartTime()
              .ifPresent(limit -> neighbor.gracefulRestartTime(restartSeconds(limit)));
          add(PeerType.MESH, neighbor.build());
        }
      }
    }

    private NeighborConfiguration.Builder ofNode(Node node, Address own, Address address) {
      return NeighborConfiguration.builder(address, asNumber(view, node))
          .port(portOf(node))
          .families(Set.of(Family.unicast(address.family())))
          .localAddress(own)
          // Text order, not numeric order: it is what Calico's nodes go by, and if both sides of a
          // session waited there would be none.
          .passive(address.text().compareTo(own.text()) > 0)
          .description("node " + node.metadata().name());
    }

    private void explicit(BGPPeer peer) {
      if (!concerns(peer, self)) {
        return;
      }
      BGPPeer.Spec spec = peer.spec();
      PeerType type = isGlobal(peer) ? PeerType.GLOBAL : PeerType.NODE;
      if (!spec.peerSelector().isEmpty()) {
        view.nodes().values().stream()
            .filter(node -> !node.metadata().name().equals(view.nodeName()))
            .filter(node -> selects(peer, spec.peerSelector(), node))
            .forEach(node -> selected(type, peer, node));
        return;
      }
      Optional<PeerAddress> named = endpoint(peer);
      if (named.isEmpty()) {
        return;
      }
      PeerAddress endpoint = named.get();
      if (address(self, AddressFamily.IPV4).filter(endpoint.address()::equals).isPresent()
          || address(self, AddressFamily.IPV6).filter(endpoint.address()::equals).isPresent()) {
        return; // a global peer that is this very node
      }
      long peerAs = spec.asNumber().orElse(cluster.asNumber());
      AddressFamily family = endpoint.address().family();
      NeighborConfiguration.Builder neighbor =
          NeighborConfiguration.builder(endpoint.address(), peerAs)
              .port(portOf(endpoint))
              .families(Set.of(Family.unicast(family)))
              .routeReflectorClient(isReflector(self) && peerAs == ownAs)
              .description(peerName(peer));
      if (spec.sourceAddress() == BGPPeer.SourceAddress.USE_NODE_IP) {
        address(self, family).ifPresent(neighbor::localAddress);
      }
      add(type, settings(peer, neighbor, peerAs).build());
    }

    private void selected(PeerType type, BGPPeer peer, Node node) {
      for (AddressFamily family : AddressFamily.values()) {
        Optional<Address> own = address(self, family);
        Optional<Address> other = address(node, family);
        if (own.isPresent() && other.isPresent()) {
          long peerAs = asNumber(view, node);
          add(
              type,
              settings(peer, ofNode(node, own.get(), other.get()), peerAs)
                  .routeReflectorClient(isReflector(self) && !sameCluster(node) && peerAs == ownAs)
                  .build());
        }
      }
    }

    /** What a BGPPeer says of its sessions, whichever end it names. */
    private NeighborConfiguration.Builder settings(
        BGPPeer peer, NeighborConfiguration.Builder neighbor, long peerAs) {
      BGPPeer.Spec spec = peer.spec();
      reflectorId(self).ifPresent(neighbor::clusterId);
      spec.localASNumber().ifPresent(neighbor::localAsNumber);
      spec.keepaliveTime()
          .ifPresent(time -> neighbor.holdTime(Math.clamp(time.toSeconds() * 3, 3, 65535)));
      spec.maxRestartTime().ifPresent(limit -> neighbor.gracefulRestartTime(restartSeconds(limit)));
      if (spec.ttlSecurity().isPresent()) {
        neighbor.ttlSecurity(spec.ttlSecurity().get());
      } else if (peerAs != ownAs) {
        neighbor.multihop(MOST_HOPS);
      }
      BGPPeer.NextHopMode mode = spec.nextHopMode().orElse(BGPPeer.NextHopMode.AUTO);
      neighbor.nextHopSelf(mode == BGPPeer.NextHopMode.SELF);
      // The older flag counts for external peers only.
      neighbor.nextHopKeep(
          mode == BGPPeer.NextHopMode.KEEP || (spec.keepOriginalNextHop() && peerAs != ownAs));
      if (spec.password().isPresent()) {
        problems.add(
            peerName(peer)
                + " asks for a password from a Secret, which the file datastore does not keep; the"
                + " session is tried without one");
      }
      if (!spec.filters().isEmpty()) {
        problems.add(peerName(peer) + " names filters, which are not applied yet");
      }
      return neighbor;
    }

    /** The mirror of another node's BGPPeer that selects this one. */
    private void reverse(BGPPeer peer) {
      BGPPeer.Spec spec = peer.spec();
      if (spec.peerSelector().isEmpty()
          || spec.reversePeering() == BGPPeer.ReversePeering.MANUAL
          || !selects(peer, spec.peerSelector(), self)) {
        return;
      }
      PeerType type = isGlobal(peer) ? PeerType.GLOBAL : PeerType.NODE;
      view.nodes().values().stream()
          .filter(node -> !node.metadata().name().equals(view.nodeName()))
          .filter(node -> concerns(peer, node))
          .forEach(node -> selected(type, peer, node));
    }

    private void add(PeerType type, NeighborConfiguration neighbor) {
      chosen.putIfAbsent(neighbor.address(), new Peer(type, neighbor));
    }

    /** The address that a BGPPeer names; empty, with a problem told, when it is none. */
    private Optional<PeerAddress> endpoint(BGPPeer peer) {
      try {
        return Optional.of(PeerAddress.parse(peer.spec().peerIP()));
      } catch (IllegalArgumentException e) {
        problems.add(peerName(peer) + ": spec.peerIP: " + e.getMessage());
        return Optional.empty();
      }
    }

    /** Where to dial a peer: the port given, or the one the node at that address listens on. */
    private int portOf(PeerAddress endpoint) {
      if (endpoint.givenPort().isPresent()) {
        return endpoint.port();
      }
      Address address = endpoint.address();
      return view.nodes().values().stream()
          .filter(node -> address(node, address.family()).filter(address::equals).isPresent())
          .findFirst()
          .map(this::portOf)
          .orElseGet(endpoint::port);
    }

    private int portOf(Node node) {
      return view.bgpOf(node.metadata().name()).effectiveListenPort();
    }

    private boolean sameCluster(Node node) {
      return reflectorId(node).isPresent() && reflectorId(node).equals(reflectorId(self));
    }

    private boolean selects(BGPPeer peer, String selector, Node node) {
      try {
        return Selector.parse(selector).matches(node.metadata().labels());
      } catch (IllegalArgumentException e) {
        problems.add(peerName(peer) + ": " + e.getMessage());
        return false;
      }
    }

    private boolean concerns(BGPPeer peer, Node node) {
      BGPPeer.Spec spec = peer.spec();
      if (!spec.node().isEmpty()) {
        return spec.node().equals(node.metadata().name());
      }
      return spec.nodeSelector().isEmpty() || selects(peer, spec.nodeSelector(), node);
    }
  }

  private static boolean isGlobal(BGPPeer peer) {
    return peer.spec().node().isEmpty() && peer.spec().nodeSelector().isEmpty();
  }

  private static int restartSeconds(Duration limit) {
    return Math.clamp(limit.toSeconds(), 0, 4095);
  }

  private static String peerName(BGPPeer peer) {
    return "BGPPeer " + peer.metadata().name();
  }

  private static boolean isReflector(Node node) {
    return reflectorId(node).isPresent();
  }

  private static Optional<Ipv4Address> reflectorId(Node node) {
    return node.spec()
        .bgp()
        .map(Node.Bgp::routeReflectorClusterID)
        .filter(id -> !id.isEmpty())
        .map(Ipv4Address::parse);
  }

  static Optional<Address> address(Node node, AddressFamily family) {
    return node.spec()
        .bgp()
        .flatMap(b -> family == AddressFamily.IPV4 ? b.ipv4Address() : b.ipv6Address())
        .map(InterfaceAddress::address);
  }
}
