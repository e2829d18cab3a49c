package dev.manul.agent;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.PeerAddress;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.model.WorkloadEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who this node speaks BGP with: the node-to-node mesh and the BGPPeers that concern it. Pure.
 *
 * <p>The rules are Calico's (confd's {@code bgp_processor} and templates), so that a mixed cluster
 * has the same sessions: reflectors are left out of the mesh, the node whose address is the lesser
 * text waits for the other, and of two peers at one address a global one comes first.
 */
final class Peering {

  private static final int MOST_HOPS = 255;

  /** How often the speaker takes its own AS number in a path at most. */
  private static final int MOST_OWN_AS = 10;

  private Peering() {}

  /** Why a session exists, in the words of {@code node status}. */
  enum PeerType {
    MESH("node-to-node mesh"),
    NODE("node specific"),
    GLOBAL("global"),
    LOCAL_WORKLOAD("local workload");

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
   * @param secrets the Secrets that passwords are in, there or not
   * @param filtered whether any session has BGPFilters
   * @param gateways by which gateway to reach peers that say so
   */
  record Sessions(
      List<Peer> peers,
      List<NeighborConfiguration> neighbors,
      List<String> problems,
      Set<String> secrets,
      boolean filtered,
      Map<Address, Address> gateways) {

    static final Sessions NONE =
        new Sessions(List.of(), List.of(), List.of(), Set.of(), false, Map.of());

    /** Sessions without more to them. */
    static Sessions of(List<Peer> peers, List<String> problems) {
      return new Sessions(
          List.copyOf(peers),
          peers.stream().map(Peer::neighbor).toList(),
          List.copyOf(problems),
          Set.of(),
          false,
          Map.of());
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

  /**
   * A session that is not quite worked out.
   *
   * @param filters names of BGPFilters
   * @param withheld whether its password is not to be had
   */
  private record Draft(
      PeerType type,
      NeighborConfiguration.Builder neighbor,
      boolean external,
      boolean client,
      List<String> filters,
      String whose,
      boolean withheld) {}

  private static final class Calculation {
    private final ClusterView view;
    private final Node self;
    private final BGPConfiguration.Spec cluster;
    private final long ownAs;
    private final Map<Address, Draft> chosen = new TreeMap<>();
    private final Map<Address, Address> gateways = new TreeMap<>();
    private final Set<String> problems = new LinkedHashSet<>();
    private final SessionPasswords passwords;

    Calculation(ClusterView view, Node self) {
      this.view = view;
      this.self = self;
      this.cluster = view.bgpOf(view.nodeName());
      this.ownAs = asNumber(view, self);
      this.passwords = new SessionPasswords(view, problems::add);
    }

    Sessions run() {
      // A global peer suppresses a node's own at the same address; both come before the mesh.
      view.peers().stream().filter(Peering::isGlobal).forEach(this::explicit);
      view.peers().stream().filter(peer -> !isGlobal(peer)).forEach(this::explicit);
      view.peers().forEach(this::reverse);
      if (meshEnabled()) {
        SessionPasswords.Answer password =
            passwords.find(cluster.nodeMeshPassword(), "nodeMeshPassword of BGPConfiguration");
        view.nodes().values().stream()
            .filter(node -> !node.metadata().name().equals(view.nodeName()))
            .filter(node -> !isReflector(node))
            .forEach(node -> mesh(node, password));
      }
      return finished();
    }

    /** With filters, which depend on what sessions there are. */
    private Sessions finished() {
      PeerFilters filters = new PeerFilters(view, cluster, isReflector(self), problems::add);
      boolean transit = chosen.values().stream().anyMatch(d -> d.external() || d.client());
      List<Peer> peers = new ArrayList<>(chosen.size());
      chosen.forEach(
          (address, draft) -> {
            PeerFilters.Towards towards =
                draft.external()
                    ? PeerFilters.Towards.EXTERNAL
                    : transit ? PeerFilters.Towards.INTERNAL : PeerFilters.Towards.OWN_ONLY;
            if (!draft.withheld()) {
              try {
                draft
                    .neighbor()
                    .importFilter(filters.imported(draft.filters(), draft.whose()))
                    .exportFilter(filters.exported(towards, draft.filters(), draft.whose()));
                peers.add(new Peer(draft.type(), draft.neighbor().build()));
              } catch (IllegalArgumentException e) {
                problems.add(draft.whose() + ": " + e.getMessage());
              }
            }
          });
      return new Sessions(
          List.copyOf(peers),
          peers.stream().map(Peer::neighbor).toList(),
          List.copyOf(problems),
          Set.copyOf(passwords.names()),
          chosen.values().stream().anyMatch(draft -> !draft.filters().isEmpty()),
          Map.copyOf(gateways));
    }

    private boolean meshEnabled() {
      return !isReflector(self) && cluster.nodeToNodeMeshEnabled();
    }

    private void mesh(Node node, SessionPasswords.Answer password) {
      for (AddressFamily family : AddressFamily.values()) {
        Optional<Address> own = address(self, family);
        Optional<Address> peer = address(node, family);
        if (own.isPresent() && peer.isPresent()) {
          NeighborConfiguration.Builder neighbor = ofNode(node, peer.get()).localAddress(own.get());
          order(neighbor, own.get(), peer.get());
          cluster
              .nodeMeshMaxRestartTime()
              .ifPresent(limit -> neighbor.gracefulRestartTime(restartSeconds(limit)));
          password.text().ifPresent(neighbor::password);
          boolean external = asNumber(view, node) != ownAs;
          if (external) {
            neighbor.multihop(MOST_HOPS);
          }
          var _ =
              add(
                  peer.get(),
                  new Draft(
                      PeerType.MESH,
                      neighbor,
                      external,
                      false,
                      List.of(),
                      "node " + node.metadata().name(),
                      !password.usable()));
        }
      }
    }

    private NeighborConfiguration.Builder ofNode(Node node, Address address) {
      return NeighborConfiguration.builder(address, asNumber(view, node))
          .port(portOf(node))
          .families(Set.of(Family.unicast(address.family())))
          .description("node " + node.metadata().name());
    }

    /** Makes the ends of a session between nodes agree on who dials whom. */
    private static void order(
        NeighborConfiguration.Builder neighbor, Address own, Address address) {
      // Text order, not numeric order: it is what Calico's nodes go by, and if both sides of a
      // session waited there would be none.
      neighbor.passive(address.text().compareTo(own.text()) > 0);
    }

    private void explicit(BGPPeer peer) {
      if (!concerns(peer, self)) {
        return;
      }
      BGPPeer.Spec spec = peer.spec();
      PeerType type = isGlobal(peer) ? PeerType.GLOBAL : PeerType.NODE;
      if (!spec.localWorkloadSelector().isEmpty()) {
        workloads(peer);
      } else if (!spec.peerSelector().isEmpty()) {
        view.nodes().values().stream()
            .filter(node -> !node.metadata().name().equals(view.nodeName()))
            .filter(node -> selects(peer, spec.peerSelector(), node.metadata()))
            .forEach(node -> selected(type, peer, node));
      } else {
        endpoint(peer).ifPresent(endpoint -> named(type, peer, endpoint));
      }
    }

    private void named(PeerType type, BGPPeer peer, PeerAddress endpoint) {
      BGPPeer.Spec spec = peer.spec();
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
              .description(peerName(peer));
      if (spec.sourceAddress() == BGPPeer.SourceAddress.USE_NODE_IP) {
        address(self, family).ifPresent(neighbor::localAddress);
      }
      boolean added = add(type, peer, neighbor, endpoint.address(), peerAs, true);
      if (added && !spec.reachableBy().isEmpty()) {
        try {
          gateways.put(endpoint.address(), Address.parse(spec.reachableBy()));
        } catch (IllegalArgumentException e) {
          problems.add(peerName(peer) + ": spec.reachableBy: " + e.getMessage());
        }
      }
    }

    private void selected(PeerType type, BGPPeer peer, Node node) {
      for (AddressFamily family : AddressFamily.values()) {
        Optional<Address> own = address(self, family);
        Optional<Address> other = address(node, family);
        if (own.isPresent() && other.isPresent()) {
          NeighborConfiguration.Builder neighbor = ofNode(node, other.get());
          order(neighbor, own.get(), other.get());
          if (peer.spec().sourceAddress() == BGPPeer.SourceAddress.USE_NODE_IP) {
            neighbor.localAddress(own.get());
          }
          long peerAs = asNumber(view, node);
          var _ = add(type, peer, neighbor, other.get(), peerAs, !sameCluster(node));
        }
      }
    }

    /** Pods of this node that speak BGP: they dial, from their own addresses. */
    private void workloads(BGPPeer peer) {
      long peerAs = peer.spec().asNumber().orElse(cluster.asNumber());
      for (WorkloadEndpoint endpoint : view.workloads()) {
        if (selects(peer, peer.spec().localWorkloadSelector(), endpoint.metadata())) {
          for (Prefix network : endpoint.spec().ipNetworks()) {
            NeighborConfiguration.Builder neighbor =
                NeighborConfiguration.builder(network.address(), peerAs)
                    .families(Set.of(Family.unicast(network.family())))
                    .passive(true)
                    .localWorkload(true)
                    .description(peerName(peer) + ", pod " + endpoint.spec().pod());
            var _ = add(PeerType.LOCAL_WORKLOAD, peer, neighbor, network.address(), peerAs, true);
          }
        }
      }
    }

    /**
     * Adds a session of a BGPPeer with all that it says, whichever end it names, unless there is
     * one with that address already.
     *
     * @param mayBeClient whether it is a client of this node, if this is a route reflector
     */
    private boolean add(
        PeerType type,
        BGPPeer peer,
        NeighborConfiguration.Builder neighbor,
        Address address,
        long peerAs,
        boolean mayBeClient) {
      BGPPeer.Spec spec = peer.spec();
      boolean external = peerAs != spec.localASNumber().orElse(ownAs);
      boolean client = mayBeClient && isReflector(self) && !external;
      neighbor.routeReflectorClient(client);
      reflectorId(self).ifPresent(neighbor::clusterId);
      spec.localASNumber().ifPresent(neighbor::localAsNumber);
      spec.keepaliveTime()
          .ifPresent(time -> neighbor.holdTime(Math.clamp(time.toSeconds() * 3, 3, 65535)));
      spec.maxRestartTime().ifPresent(limit -> neighbor.gracefulRestartTime(restartSeconds(limit)));
      spec.numAllowedLocalASNumbers()
          .ifPresent(times -> neighbor.allowAsIn(Math.min(times, MOST_OWN_AS)));
      int hops = spec.ttlSecurity().orElse(0);
      if (hops > 0) {
        neighbor.ttlSecurity(Math.min(hops, MOST_HOPS - 1));
      } else if (external) {
        neighbor.multihop(MOST_HOPS);
      }
      BGPPeer.NextHopMode mode = spec.nextHopMode().orElse(BGPPeer.NextHopMode.AUTO);
      neighbor.nextHopSelf(mode == BGPPeer.NextHopMode.SELF);
      // The older flag counts for external peers only.
      neighbor.nextHopKeep(
          mode == BGPPeer.NextHopMode.KEEP || (spec.keepOriginalNextHop() && external));
      SessionPasswords.Answer password = passwords.find(spec.password(), peerName(peer));
      password.text().ifPresent(neighbor::password);
      return add(
          address,
          new Draft(
              type,
              neighbor,
              external,
              client,
              spec.filters(),
              peerName(peer),
              !password.usable()));
    }

    private boolean add(Address address, Draft draft) {
      return chosen.putIfAbsent(address, draft) == null;
    }

    /** The mirror of another node's BGPPeer that selects this one. */
    private void reverse(BGPPeer peer) {
      BGPPeer.Spec spec = peer.spec();
      if (spec.peerSelector().isEmpty()
          || spec.reversePeering() == BGPPeer.ReversePeering.MANUAL
          || !selects(peer, spec.peerSelector(), self.metadata())) {
        return;
      }
      PeerType type = isGlobal(peer) ? PeerType.GLOBAL : PeerType.NODE;
      view.nodes().values().stream()
          .filter(node -> !node.metadata().name().equals(view.nodeName()))
          .filter(node -> concerns(peer, node))
          .forEach(node -> selected(type, peer, node));
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

    private boolean selects(BGPPeer peer, String selector, Metadata who) {
      try {
        return Selector.parse(selector).matches(who.labels());
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
      return spec.nodeSelector().isEmpty() || selects(peer, spec.nodeSelector(), node.metadata());
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
