package dev.manul.policy;

import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Facts that wait to be taken in, and whether they may wait for more of their kind. Not safe for
 * use by several threads.
 */
final class GatheredFacts {
  private final Set<EndpointId> ownEndpoints = new HashSet<>();
  private List<Fact> facts = new ArrayList<>();
  private boolean onlyOwnEndpoints = true;

  void add(Collection<? extends Fact> more) {
    for (Fact fact : more) {
      onlyOwnEndpoints &= isOfOwnEndpoint(fact);
      facts.add(fact);
    }
  }

  boolean isEmpty() {
    return facts.isEmpty();
  }

  /** Whether all of them are about endpoints of this node that have come, changed or gone. */
  boolean isOnlyOwnEndpoints() {
    return onlyOwnEndpoints;
  }

  private boolean isOfOwnEndpoint(Fact fact) {
    return switch (fact) {
      case Fact.EndpointIs(Endpoint endpoint) when endpoint.local().isPresent() -> {
        ownEndpoints.add(endpoint.id());
        yield true;
      }
      case Fact.EndpointIs(Endpoint endpoint) -> {
        ownEndpoints.remove(endpoint.id());
        yield false;
      }
      case Fact.EndpointGone(EndpointId id) -> ownEndpoints.remove(id);
      default -> false;
    };
  }

  /** Gives them all, in their order; there are none then. */
  List<Fact> take() {
    List<Fact> taken = facts;
    facts = new ArrayList<>();
    onlyOwnEndpoints = true;
    return taken;
  }
}
