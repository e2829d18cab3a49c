package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * Rules about the routes of BGP sessions, for BGPPeers to name. Of the rules for a direction and a
 * family the first that matches counts; what none matches is treated as if there were no filter.
 */
public record BGPFilter(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<BGPFilter> KIND =
      new Kind<>("BGPFilter", "bgpfilters", false, BGPFilter.class, List.of("bgpfilter"));

  /** The word for routes that were learned from other BGP speakers. */
  public static final String REMOTE_PEERS = "RemotePeers";

  public BGPFilter {
    spec = spec == null ? new Spec(null, null, null, null) : spec;
  }

  @Override
  public Kind<BGPFilter> kind() {
    return KIND;
  }

  @Override
  public BGPFilter withMetadata(Metadata newMetadata) {
    return new BGPFilter(newMetadata, spec);
  }

  /**
   * The rules.
   *
   * @param exportV4 for IPv4 routes announced to a peer
   * @param importV4 for IPv4 routes that a peer announces
   * @param exportV6 for IPv6 routes announced to a peer
   * @param importV6 for IPv6 routes that a peer announces
   */
  public record Spec(
      List<Rule> exportV4, List<Rule> importV4, List<Rule> exportV6, List<Rule> importV6) {
    public Spec {
      exportV4 = Absent.list(exportV4);
      importV4 = Absent.list(importV4);
      exportV6 = Absent.list(exportV6);
      importV6 = Absent.list(importV6);
    }
  }

  /**
   * A rule: it matches a route that all its conditions match.
   *
   * @param cidr a prefix to compare the route's with; only with {@code matchOperator}
   * @param prefixLength how long the route's prefix may be; only with {@code cidr}
   * @param source {@code RemotePeers}: only routes learned from other BGP speakers
   * @param ofInterface only routes that leave by this device; {@code *} is a wildcard
   * @param matchOperator {@code Equal}, {@code NotEqual}, {@code In} or {@code NotIn}
   * @param peerType {@code eBGP} or {@code iBGP}: only on sessions of this type
   * @param communities only routes that carry one of these communities
   * @param asPathPrefix only routes whose AS path begins so
   * @param priority only routes of this priority, as the kernel counts metrics
   * @param action {@code Accept} or {@code Reject}
   * @param operations what is changed of a route that is accepted, in order
   */
  public record Rule(
      Optional<Prefix> cidr,
      Optional<PrefixLength> prefixLength,
      String source,
      @JsonProperty("interface") String ofInterface,
      String matchOperator,
      String peerType,
      Optional<Communities> communities,
      List<Long> asPathPrefix,
      Optional<Integer> priority,
      String action,
      List<Operation> operations) {
    public Rule {
      cidr = Absent.optional(cidr);
      prefixLength = Absent.optional(prefixLength);
      source = Absent.text(source);
      ofInterface = Absent.text(ofInterface);
      matchOperator = Absent.text(matchOperator);
      peerType = Absent.text(peerType);
      communities = Absent.optional(communities);
      asPathPrefix = Absent.list(asPathPrefix);
      priority = Absent.optional(priority);
      action = Absent.text(action);
      operations = Absent.list(operations);
    }
  }

  /**
   * How long a prefix may be.
   *
   * @param min the least length
   * @param max the greatest length
   */
  public record PrefixLength(Optional<Integer> min, Optional<Integer> max) {
    public PrefixLength {
      min = Absent.optional(min);
      max = Absent.optional(max);
    }
  }

  /**
   * Communities to look for.
   *
   * @param values one of {@code aa:nn} or {@code aa:nn:mm}
   */
  public record Communities(List<String> values) {
    public Communities {
      values = Absent.list(values);
    }
  }

  /**
   * A change of a route: one of the three.
   *
   * @param addCommunity adds a community
   * @param prependASPath puts AS numbers in front of the AS path
   * @param setPriority sets the priority
   */
  public record Operation(
      Optional<AddCommunity> addCommunity,
      Optional<PrependASPath> prependASPath,
      Optional<SetPriority> setPriority) {
    public Operation {
      addCommunity = Absent.optional(addCommunity);
      prependASPath = Absent.optional(prependASPath);
      setPriority = Absent.optional(setPriority);
    }
  }

  /**
   * A community to add.
   *
   * @param value {@code aa:nn} or {@code aa:nn:mm}
   */
  public record AddCommunity(String value) {
    public AddCommunity {
      value = Absent.text(value);
    }
  }

  /**
   * AS numbers to put in front.
   *
   * @param prefix 1 to 10 numbers, the first of which becomes the path's first
   */
  public record PrependASPath(List<Long> prefix) {
    public PrependASPath {
      prefix = Absent.list(prefix);
    }
  }

  /**
   * A priority to set.
   *
   * @param value as the kernel counts metrics, 1 to 2147483646
   */
  public record SetPriority(int value) {}
}
