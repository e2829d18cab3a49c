package dev.manul.bgp.rib;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a route from a neighbour must be like to take part in the decision. Pure. */
final class ImportRules {
  private ImportRules() {}

  /**
   * What the neighbour's attributes are taken for: none of the interior ones from outside, AIGP
   * among them (RFC 7311 section 3.1), and marked as not to leave towards providers and peers when
   * they come from one (RFC 9234 section 5, ingress rule 3).
   */
  static PathAttributes normalize(PathAttributes a, PeerSession session) {
    if (!session.external()) {
      return a;
    }
    boolean interior =
        a.localPreference().isPresent()
            || a.originatorId().isPresent()
            || !a.clusterList().isEmpty()
            || a.aigp().isPresent();
    boolean marks =
        a.onlyToCustomer().isEmpty() && session.as().role().map(ImportRules::marks).orElse(false);
    boolean ranked = session.defaultLocalPreference() != AttributeSet.DEFAULT_LOCAL_PREFERENCE;
    if (!interior && !marks && !ranked) {
      return a;
    }
    PathAttributes.Builder builder =
        a.toBuilder()
            .localPreference(
                ranked ? OptionalLong.of(session.defaultLocalPreference()) : OptionalLong.empty())
            .originatorId(Optional.empty())
            .clusterList(List.of())
            .aigp(Optional.empty());
    if (marks) {
      builder.onlyToCustomer(OptionalLong.of(session.as().remote()));
    }
    return builder.build();
  }

  /** Whether routes from the other side are for customers only. */
  private static boolean marks(Role own) {
    return own == Role.CUSTOMER || own == Role.PEER || own == Role.ROUTE_SERVER_CLIENT;
  }

  /**
   * Looks at attributes as they came.
   *
   * @return {@link Reason#BEST} when the path may become best, or why it may not
   */
  static Reason check(PathAttributes a, PeerSession session, Identity identity) {
    if (a.originatorId().isPresent() && a.originatorId().get().equals(identity.routerId())) {
      return Reason.ORIGINATOR_LOOP;
    }
    for (Ipv4Address cluster : a.clusterList()) {
      if (identity.clusterIds().contains(cluster)) {
        return Reason.CLUSTER_LOOP;
      }
    }
    if (a.asPath().count(session.as().local()) > session.as().allowLocal()) {
      return Reason.AS_LOOP;
    }
    if (leaks(a, session)) {
      return Reason.ROUTE_LEAK;
    }
    if (a.nextHop().isPresent() && a.nextHop().get().equals(session.localAddress())) {
      return Reason.OWN_NEXT_HOP;
    }
    return Reason.BEST;
  }

  /** RFC 9234 section 5, ingress rules 1 and 2. */
  private static boolean leaks(PathAttributes a, PeerSession session) {
    if (a.onlyToCustomer().isEmpty() || !session.external() || session.as().role().isEmpty()) {
      return false;
    }
    return switch (session.as().role().get()) {
      case PROVIDER, ROUTE_SERVER -> true;
      case PEER -> a.onlyToCustomer().getAsLong() != session.as().remote();
      case CUSTOMER, ROUTE_SERVER_CLIENT -> false;
    };
  }
}
