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
 * The import rules and the filters of a neighbour's session at work. What is the same for all
 * routes of a message is worked out once for it.
 */
final class PeerFilters {
  private final Rib rib;
  private final PeerSession session;
  private final PeerType type;
  private final FilterRun imports;
  private final FilterRun exports;
  private final boolean importsAll;
  private final boolean exportsAll;
  private final boolean importsByPrefix;

  /** What import rules say of the attributes at hand. */
  private Reason refused = Reason.UNDECIDED;

  /** The attributes at hand as import rules leave them. */
  private AttributeSet admitted;

  /** What the filter has made of them for the last prefix; null when that did not pass. */
  private AttributeSet passed;

  private boolean asked;

  /** What was last interned, since a run of routes gets the very same result. */
  private PathAttributes lastChanged;

  private AttributeSet lastInterned;

  PeerFilters(PeerSession session, Rib rib) {
    this.rib = rib;
    this.session = session;
    this.type = session.external() ? PeerType.EXTERNAL : PeerType.INTERNAL;
    this.imports = new FilterRun(session.importFilter());
    this.exports = new FilterRun(session.exportFilter());
    this.importsAll = session.importFilter().acceptsAll();
    this.exportsAll = session.exportFilter().acceptsAll();
    this.importsByPrefix = session.importFilter().looksAtPrefix();
  }

  /** Looks at the attributes of routes that {@link #imported} will then be asked about. */
  void begin(AttributeSet received, Identity identity) {
    refused = ImportRules.check(received.value, session, identity);
    admitted = intern(received, ImportRules.normalize(received.value, session));
    asked = false;
  }

  /** What goes into the decision; null when the route does not, see {@link #refused}. */
  AttributeSet imported(Prefix prefix) {
    if (refused != Reason.BEST) {
      return null;
    }
    if (importsAll) {
      return admitted;
    }
    if (!asked || importsByPrefix) {
      Outcome outcome = importOutcome(prefix, admitted.value);
      passed = outcome.accepted() ? intern(admitted, outcome.attributes()) : null;
      asked = true;
    }
    return passed;
  }

  /** Whether {@link #imported} may answer differently for different prefixes. */
  boolean importsByPrefix() {
    return importsByPrefix;
  }

  /** Why a route does not go into the decision. */
  Reason refused() {
    return refused == Reason.BEST ? Reason.REFUSED_BY_POLICY : refused;
  }

  /** What the import filter says of a route as import rules have left it. */
  Outcome importOutcome(Prefix prefix, PathAttributes attributes) {
    return imports.apply(candidate(prefix, attributes, Source.REMOTE_PEERS, Optional.empty()));
  }

  @SuppressWarnings("ReferenceEquality") // only shortcuts: equal ones are interned to the same set
  private AttributeSet intern(AttributeSet from, PathAttributes changed) {
    if (changed == from.value) {
      return from;
    }
    if (changed != lastChanged) {
      lastInterned = rib.intern(changed);
      lastChanged = changed;
    }
    return lastInterned;
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
            ? candidate(prefix, path.attributes.value, Source.LOCAL, rib.device(prefix))
            : candidate(prefix, path.attributes.value, Source.REMOTE_PEERS, Optional.empty()));
  }

  private Candidate candidate(
      Prefix prefix, PathAttributes attributes, Source source, Optional<String> device) {
    return new Candidate(
        prefix, attributes, source, device, type, AttributeSet.DEFAULT_LOCAL_PREFERENCE);
  }
}
