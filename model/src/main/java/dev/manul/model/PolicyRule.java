package dev.manul.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One rule of a policy or profile; all that is said must hold for its action to be taken.
 *
 * @param action {@code Allow}, {@code Deny}, {@code Log} or {@code Pass}
 * @param ipVersion 4 or 6; absent: both
 * @param protocol {@code TCP}, {@code UDP}, {@code ICMP}, {@code ICMPv6}, {@code SCTP}, {@code
 *     UDPLite} or a number from 1 to 255
 * @param icmp which messages, of the protocol ICMP or ICMPv6
 * @param notProtocol any protocol but this
 * @param notICMP any message but these
 * @param source asked of the packet's source
 * @param destination asked of the packet's destination
 * @param http requests of HTTP; for proxies of applications, packets do not show it
 * @param metadata kept as found
 * @param further fields that are not known here but stored, of a newer version; they may well say
 *     whom the rule is not about, so that a rule which has any cannot be read
 */
public record PolicyRule(
    String action,
    Optional<Integer> ipVersion,
    Optional<IntOrString> protocol,
    Optional<Icmp> icmp,
    Optional<IntOrString> notProtocol,
    Optional<Icmp> notICMP,
    EntityRule source,
    EntityRule destination,
    Optional<Http> http,
    Optional<RuleMetadata> metadata,
    Map<String, Object> further) {

  public PolicyRule {
    action = Absent.text(action);
    ipVersion = Absent.optional(ipVersion);
    protocol = Absent.optional(protocol);
    icmp = Absent.optional(icmp);
    notProtocol = Absent.optional(notProtocol);
    notICMP = Absent.optional(notICMP);
    source = Absent.or(source, EntityRule.ANY);
    destination = Absent.or(destination, EntityRule.ANY);
    http = Absent.optional(http);
    metadata = Absent.optional(metadata);
    further = Absent.map(further);
  }

  /** A rule of known fields. */
  public PolicyRule(
      String action,
      Optional<Integer> ipVersion,
      Optional<IntOrString> protocol,
      Optional<Icmp> icmp,
      Optional<IntOrString> notProtocol,
      Optional<Icmp> notICMP,
      EntityRule source,
      EntityRule destination,
      Optional<Http> http,
      Optional<RuleMetadata> metadata) {
    this(
        action,
        ipVersion,
        protocol,
        icmp,
        notProtocol,
        notICMP,
        source,
        destination,
        http,
        metadata,
        Map.of());
  }

  /** A rule for every packet. */
  public static PolicyRule every(String action) {
    return between(action, EntityRule.ANY, EntityRule.ANY);
  }

  /** A rule about ends of packets. */
  public static PolicyRule between(String action, EntityRule source, EntityRule destination) {
    return new PolicyRule(
        action,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        destination,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Messages of ICMP or ICMPv6.
   *
   * @param type 0 to 254; absent: any
   * @param code 0 to 255; absent: any; only beside a type
   */
  public record Icmp(Optional<Integer> type, Optional<Integer> code) {
    public Icmp {
      type = Absent.optional(type);
      code = Absent.optional(code);
    }
  }

  /**
   * Requests of HTTP.
   *
   * @param methods such as {@code GET}; none: any
   * @param paths none: any
   */
  public record Http(List<String> methods, List<HttpPath> paths) {
    public Http {
      methods = Absent.list(methods);
      paths = Absent.list(paths);
    }
  }

  /**
   * A path of requests; one of both is said.
   *
   * @param exact all of it
   * @param prefix how it begins
   */
  public record HttpPath(String exact, String prefix) {
    public HttpPath {
      exact = Absent.text(exact);
      prefix = Absent.text(prefix);
    }
  }

  /**
   * What people and tools say of a rule.
   *
   * @param annotations free text by key
   */
  public record RuleMetadata(Map<String, String> annotations) {
    public RuleMetadata {
      annotations = Absent.map(annotations);
    }
  }
}
