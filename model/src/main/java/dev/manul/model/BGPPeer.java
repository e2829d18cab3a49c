package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A BGP session that some or all nodes hold besides the mesh. */
public record BGPPeer(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<BGPPeer> KIND =
      new Kind<>(
          "BGPPeer", "bgppeers", false, BGPPeer.class, List.of("bgppeer", "bgpp", "bgpps", "bp"));

  public BGPPeer {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<BGPPeer> kind() {
    return KIND;
  }

  @Override
  public BGPPeer withMetadata(Metadata newMetadata) {
    return new BGPPeer(newMetadata, spec);
  }

  /** Which next hop a node announces to the peer. */
  public enum NextHopMode {
    AUTO("Auto"),
    SELF("Self"),
    KEEP("Keep");

    private final String text;

    NextHopMode(String text) {
      this.text = text;
    }

    @JsonValue
    @Override
    public String toString() {
      return text;
    }
  }

  /** Which address a node speaks from. */
  public enum SourceAddress {
    USE_NODE_IP("UseNodeIP"),
    NONE("None");

    private final String text;

    SourceAddress(String text) {
      this.text = text;
    }

    @JsonValue
    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether nodes that {@code peerSelector} selects get the session's other end by themselves. */
  public enum ReversePeering {
    AUTO("Auto"),
    MANUAL("Manual");

    private final String text;

    ReversePeering(String text) {
      this.text = text;
    }

    @JsonValue
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * The session. With neither {@code node} nor {@code nodeSelector} it is every node's.
   *
   * @param node the node that holds it, or ""
   * @param nodeSelector the nodes that hold it, or ""
   * @param peerIP {@code ADDRESS}, {@code ADDRESS:PORT} or {@code [ADDRESS]:PORT}; "" with a
   *     selector
   * @param asNumber the peer's AS number; empty with {@code peerSelector}
   * @param localASNumber this side's AS number in this session
   * @param peerSelector peers that are nodes of the cluster, or ""
   * @param keepOriginalNextHop the old form of {@code nextHopMode: Keep}, for eBGP only
   * @param nextHopMode the next hop announced; empty for Auto
   * @param password of TCP MD5
   * @param sourceAddress default {@link SourceAddress#USE_NODE_IP}
   * @param maxRestartTime graceful restart time, to whole seconds
   * @param keepaliveTime keepalive interval, to whole seconds
   * @param numAllowedLocalASNumbers how often the own AS may be in a received path
   * @param ttlSecurity how many hops away the peer may be (RFC 5082)
   * @param reachableBy the gateway towards the peer, or ""
   * @param filters names of BGPFilters, in order
   * @param localWorkloadSelector peers that are pods of the node itself, or ""
   * @param reversePeering default {@link ReversePeering#AUTO}
   */
  public record Spec(
      String node,
      String nodeSelector,
      String peerIP,
      Optional<Long> asNumber,
      Optional<Long> localASNumber,
      String peerSelector,
      boolean keepOriginalNextHop,
      Optional<NextHopMode> nextHopMode,
      Optional<BgpPassword> password,
      SourceAddress sourceAddress,
      Optional<Duration> maxRestartTime,
      Optional<Duration> keepaliveTime,
      Optional<Integer> numAllowedLocalASNumbers,
      Optional<Integer> ttlSecurity,
      String reachableBy,
      List<String> filters,
      String localWorkloadSelector,
      ReversePeering reversePeering) {

    static final Spec EMPTY =
        new Spec(
            null,
            null,
            null,
            Optional.empty(),
            Optional.empty(),
            null,
            false,
            Optional.empty(),
            Optional.empty(),
            null,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            null,
            null,
            null,
            null);

    public Spec {
      node = Absent.text(node);
      nodeSelector = Absent.text(nodeSelector);
      peerIP = Absent.text(peerIP);
      asNumber = Absent.optional(asNumber);
      localASNumber = Absent.optional(localASNumber);
      peerSelector = Absent.text(peerSelector);
      nextHopMode = Absent.optional(nextHopMode);
      password = Absent.optional(password);
      sourceAddress = Absent.or(sourceAddress, SourceAddress.USE_NODE_IP);
      maxRestartTime = Absent.optional(maxRestartTime);
      keepaliveTime = Absent.optional(keepaliveTime);
      numAllowedLocalASNumbers = Absent.optional(numAllowedLocalASNumbers);
      ttlSecurity = Absent.optional(ttlSecurity);
      reachableBy = Absent.text(reachableBy);
      filters = Absent.list(filters);
      localWorkloadSelector = Absent.text(localWorkloadSelector);
      reversePeering = Absent.or(reversePeering, ReversePeering.AUTO);
    }

    /** A session of every node with the peer at {@code peerIP}. */
    public static Spec of(String peerIP, long asNumber) {
      return new Spec(
          null,
          null,
          peerIP,
          Optional.of(asNumber),
          Optional.empty(),
          null,
          false,
          Optional.empty(),
          Optional.empty(),
          null,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          null,
          null,
          null,
          null);
    }
  }
}
