package dev.manul.bgp.rib;

import dev.manul.bgp.RouteExplanation;
import dev.manul.bgp.RouteExplanation.Export;
import dev.manul.bgp.RouteExplanation.PathVerdict;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.RouteFilter.Outcome;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says why the routes of a prefix are as they are. On the core thread. */
public final class Explanations {
  /** The later a path has lost, the better it was. */
  private static final Comparator<Path> BEST_FIRST =
      Comparator.comparing((Path p) -> p.reason)
          .reversed()
          .thenComparing(p -> p.source.address().orElse(Ipv4Address.UNSPECIFIED))
          .thenComparingInt(p -> p.identifier);

  private Explanations() {}

  /**
   * Explains a prefix, or the longest one in the RIB that contains it.
   *
   * @param neighbors all that are configured, with a session or without
   */
  public static Optional<RouteExplanation> explain(Rib rib, Prefix asked, List<RibPeer> neighbors) {
    int id = find(rib, asked);
    if (id < 0) {
      return Optional.empty();
    }
    List<Path> paths = new ArrayList<>();
    for (Path p = rib.head(id); p != null; p = p.next) {
      paths.add(p);
    }
    paths.sort(BEST_FIRST);
    List<Export> exports = new ArrayList<>();
    for (RibPeer neighbor : neighbors) {
      exports.add(export(rib, id, neighbor));
    }
    return Optional.of(
        new RouteExplanation(
            rib.prefix(id), paths.stream().map(p -> path(rib, id, p)).toList(), exports));
  }

  private static int find(Rib rib, Prefix asked) {
    for (int length = asked.length(); length >= 0; length--) {
      int id = rib.find(Prefix.of(asked.address(), length));
      if (id >= 0 && rib.head(id) != null) {
        return id;
      }
    }
    return -1;
  }

  private static PathVerdict path(Rib rib, int id, Path p) {
    Path best = rib.best(id);
    boolean compared = best != null && p != best && p.refused == Reason.BEST;
    return new PathVerdict(
        p.source.address(),
        p.received.value,
        p.attributes.value,
        p == best,
        isUsed(rib, id, p),
        p.stale,
        word(p.reason),
        reason(rib, id, p),
        compared || p.reason == Reason.UNREACHABLE_NEXT_HOP ? value(p, p.reason) : "",
        compared && p.reason != Reason.UNREACHABLE_NEXT_HOP ? value(best, p.reason) : "",
        p.refused == Reason.REFUSED_BY_POLICY ? refusingRule(rib, id, p) : "");
  }

  /** Why a path is or is not the best one, in a few words. */
  static String reason(Rib rib, int id, Path p) {
    return isUsed(rib, id, p) && p != rib.best(id)
        ? p.reason + "; used as an equal path"
        : p.reason.toString();
  }

  private static boolean isUsed(Rib rib, int id, Path p) {
    Path best = rib.best(id);
    if (best == null || best.source.isLocal()) {
      return p == best;
    }
    return p.reason.tiesUpToMetric()
        && rib.nextHops(id).contains(p.attributes.value.nextHop().orElse(null));
  }

  /** What a path has at the step of the decision that ends with a reason. */
  private static String value(Path p, Reason step) {
    AttributeSet a = p.attributes;
    return switch (step) {
      case LOCAL_PREFERENCE -> Long.toString(a.localPreference);
      case AIGP -> a.value.aigp().map(g -> Long.toUnsignedString(g.metric())).orElse("none");
      case AS_PATH_LENGTH -> Integer.toString(a.asPathLength);
      case ORIGIN -> a.value.origin().toString();
      case MULTI_EXIT_DISCRIMINATOR -> Long.toString(a.multiExitDiscriminator);
      case INTERNAL -> p.source.isLocal() || p.source.session.external() ? "external" : "internal";
      case INTERIOR_METRIC -> Long.toString(a.hop == null ? 0 : a.hop.metric);
      case ROUTER_ID ->
          p.source.isLocal()
              ? ""
              : a.value.originatorId().orElse(p.source.session.remoteId()).toString();
      case CLUSTER_LIST_LENGTH -> Integer.toString(a.clusterListLength);
      case PEER_ADDRESS -> p.source.address().map(Address::toString).orElse("");
      case UNREACHABLE_NEXT_HOP -> a.value.nextHop().map(Address::toString).orElse("");
      default -> "";
    };
  }

  private static String refusingRule(Rib rib, int id, Path p) {
    PeerFilters filters = p.source.filters;
    Outcome outcome =
        filters.importOutcome(
            rib.prefix(id), ImportRules.normalize(p.received.value, p.source.session));
    return rule(p.source.session.importFilter(), outcome);
  }

  private static String rule(RouteFilter filter, Outcome outcome) {
    return filter.name() + "/" + outcome.rule();
  }

  private static Export export(Rib rib, int id, RibPeer neighbor) {
    Path best = rib.best(id);
    if (neighbor.out == null || best == null) {
      boolean told = neighbor.out != null && neighbor.out.advertised(id) != null;
      return verdict(
          id,
          neighbor,
          neighbor.out == null ? ExportReason.NO_SESSION : ExportReason.NO_PATH,
          "",
          told);
    }
    AttributeSet told = neighbor.out.advertised(id);
    if (rib.deferred(best)) {
      return verdict(id, neighbor, ExportReason.DEFERRED, "", false);
    }
    AddressFamily family = rib.family(id);
    ExportReason reason = ExportRules.check(best, family, neighbor);
    if (reason != ExportReason.EXPORTED) {
      return verdict(id, neighbor, reason, "", told != null);
    }
    Outcome outcome = neighbor.filters.exportOutcome(rib.prefix(id), best);
    String rule = rule(neighbor.session.exportFilter(), outcome);
    PathAttributes wanted =
        outcome.accepted()
            ? ExportRules.export(best, outcome.attributes(), family, neighbor)
            : null;
    if (wanted == null) {
      reason = outcome.accepted() ? ExportReason.NEXT_HOP : ExportReason.FILTER;
    } else if (!neighbor.out.outlet.fits(wanted, Family.unicast(family))) {
      reason = ExportReason.TOO_LONG;
    }
    PathAttributes toTell = reason == ExportReason.EXPORTED ? wanted : null;
    boolean pending = told == null ? toTell != null : !told.value.equals(toTell);
    return verdict(id, neighbor, reason, rule, pending);
  }

  private static Export verdict(
      int id, RibPeer neighbor, ExportReason reason, String rule, boolean pending) {
    AttributeSet told = neighbor.out == null ? null : neighbor.out.advertised(id);
    return new Export(
        neighbor.address().orElseThrow(),
        word(reason),
        reason.toString(),
        rule,
        Optional.ofNullable(told).map(set -> set.value),
        pending);
  }

  private static String word(Enum<?> reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
