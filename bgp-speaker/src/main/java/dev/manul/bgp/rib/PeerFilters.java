package dev.manul.bgp.rib;

import dev.manul.bgp.filter.Candidate;
import dev.manul.bgp.filter.FilterRun;
import dev.manul.bgp.filter.Match.PeerType;
import dev.manul.bgp.filter.Match.Source;
import dev.manul.bgp.filter.RouteFilter.Outcome;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Prefix;
import java.util.Optional;

/**
 * The filters of a neighbour's session at work. A filter that does not look at prefixes is asked
 * once for a run of routes with the same attributes.
 */
final class PeerFilters {
  private final Rib rib;
  private final PeerType type;
  private final FilterRun imports;
  private final FilterRun exports;
  private final boolean importsAll;
  private final boolean exportsAll;
  private final boolean importsByPrefix;

  private AttributeSet lastReceived;
  private AttributeSet lastImported;
  private PathAttributes lastPassed;
  private AttributeSet lastPassedSet;

  PeerFilters(PeerSession session, Rib rib) {
    this.rib = rib;
    this.type = session.external() ? PeerType.EXTERNAL : PeerType.INTERNAL;
    this.imports = new FilterRun(session.importFilter());
    this.exports = new FilterRun(session.exportFilter());
    this.importsAll = session.importFilter().acceptsAll();
    this.exportsAll = session.exportFilter().acceptsAll();
    this.importsByPrefix = session.importFilter().looksAtPrefix();
  }

  /** What the import filter makes of a route; null when it does not pass. */
  @SuppressWarnings("ReferenceEquality") // AttributeSets are compared by identity
  AttributeSet imported(Prefix prefix, AttributeSet received) {
    if (importsAll) {
      return received;
    }
    if (!importsByPrefix && received == lastReceived) {
      return lastImported;
    }
    Outcome outcome = importOutcome(prefix, received);
    lastReceived = received;
    lastImported = outcome.accepted() ? intern(received, outcome.attributes()) : null;
    return lastImported;
  }

  /** What the import filter says of a route. */
  Outcome importOutcome(Prefix prefix, AttributeSet received) {
    return imports.apply(candidate(prefix, received, Source.REMOTE_PEERS, Optional.empty()));
  }

  @SuppressWarnings("ReferenceEquality") // a run of routes gets the very same result
  private AttributeSet intern(AttributeSet received, PathAttributes passed) {
    if (passed == received.value) {
      return received;
    }
    if (passed != lastPassed) {
      lastPassedSet = rib.intern(passed);
      lastPassed = passed;
    }
    return lastPassedSet;
  }

  /** What the export filter makes of a best path; null when it does not pass. */
  PathAttributes exported(int id, Path best) {
    if (exportsAll) {
      return best.attributes.value;
    }
    Outcome outcome = exportOutcome(rib.prefix(id), best);
    return outcome.accepted() ? outcome.attributes() : null;
  }

  /** What the export filter says of a path. */
  Outcome exportOutcome(Prefix prefix, Path path) {
    return exports.apply(
        path.source.isLocal()
            ? candidate(prefix, path.attributes, Source.LOCAL, rib.device(prefix))
            : candidate(prefix, path.attributes, Source.REMOTE_PEERS, Optional.empty()));
  }

  private Candidate candidate(
      Prefix prefix, AttributeSet attributes, Source source, Optional<String> device) {
    return new Candidate(
        prefix, attributes.value, source, device, type, AttributeSet.DEFAULT_LOCAL_PREFERENCE);
  }
}
