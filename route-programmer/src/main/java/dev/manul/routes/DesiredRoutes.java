package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keeps the decision for every prefix in step with its inputs. A change to a learned route decides
 * that one anew; a change to local prefixes decides those; only a change that may concern all, such
 * as a pool's mode or where a next hop in use leads, decides all. What comes out depends on the
 * inputs of now alone, not on how they came about, but for prefixes that wait ({@link
 * Decision.Wait}). Not safe for several threads.
 */
final class DesiredRoutes {

  private final ProgrammerOptions options;
  private final RouteTable table;
  private final Map<Prefix, LearnedRoute> learned = new HashMap<>();
  private final Map<Prefix, LearnedRoute> remote = new HashMap<>(); // of view's remote blocks
  private final Map<Address, Integer> nextHopUses = new HashMap<>();
  private final Map<Prefix, RouteIssue> issues = new HashMap<>();
  private List<RouteIssue> listedIssues = List.of();
  private boolean issuesChanged;
  private final Set<Prefix> changed = new LinkedHashSet<>();
  private Set<Prefix> local = Set.of();
  private Underlay underlay;
  private NodeView view;
  private RouteCalculation calculation;

  /**
   * @param table told the route of a prefix whenever it was decided
   */
  DesiredRoutes(ProgrammerOptions options, RouteTable table) {
    this.options = options;
    this.table = table;
  }

  /** Takes in what has been learned or withdrawn; {@link #decide} makes it count. */
  void learned(Collection<LearnedChange> changes) {
    for (LearnedChange change : changes) {
      LearnedRoute before =
          change.route().isPresent()
              ? learned.put(change.prefix(), change.route().get())
              : learned.remove(change.prefix());
      replaced(change.prefix(), before, change.route().orElse(null));
    }
  }

  /** Takes note that a prefix has another route, or one no more: either may be null. */
  private void replaced(Prefix prefix, LearnedRoute before, LearnedRoute now) {
    if (before != null) {
      before.nextHops().forEach(hop -> nextHopUses.merge(hop, -1, DesiredRoutes::addUses));
    }
    if (now != null) {
      now.nextHops().forEach(hop -> nextHopUses.merge(hop, 1, DesiredRoutes::addUses));
    }
    changed.add(prefix);
  }

  private void remoteBlocks(Map<Prefix, Address> blocks) {
    blocks.forEach(
        (prefix, node) -> {
          LearnedRoute before = remote.get(prefix);
          if (before == null || !before.nextHops().getFirst().equals(node)) {
            LearnedRoute now = new LearnedRoute(prefix, List.of(node));
            remote.put(prefix, now);
            replaced(prefix, before, now);
          }
        });
    if (remote.size() > blocks.size()) {
      for (Prefix prefix : List.copyOf(remote.keySet())) {
        if (!blocks.containsKey(prefix)) {
          replaced(prefix, remote.remove(prefix), null);
        }
      }
    }
  }

  private static Integer addUses(Integer uses, Integer more) {
    int sum = uses + more;
    return sum == 0 ? null : Integer.valueOf(sum);
  }

  /** Decides all prefixes that are concerned by what has changed since the last time. */
  void decide(Underlay newUnderlay, NodeView newView) {
    boolean sameInputs = newUnderlay == underlay && newView.equals(view);
    if (!sameInputs) {
      if (view == null || !newView.remoteBlocks().equals(view.remoteBlocks())) {
        remoteBlocks(newView.remoteBlocks());
      }
      RouteCalculation next = new RouteCalculation(newUnderlay, newView, options);
      boolean all =
          calculation == null
              || !newView.sameButForLocalPrefixes(view)
              || !next.agreesOn(calculation, nextHopUses.keySet());
      if (calculation != null && !next.connected().equals(calculation.connected())) {
        changed.addAll(next.connected());
        changed.addAll(calculation.connected());
      }
      calculation = next;
      underlay = newUnderlay;
      view = newView;
      changed.addAll(local);
      local = next.localPrefixes();
      changed.addAll(local);
      if (all) {
        changed.addAll(learned.keySet());
        changed.addAll(remote.keySet());
      }
    }
    for (Prefix prefix : changed) {
      decide(prefix);
    }
    changed.clear();
  }

  private void decide(Prefix prefix) {
    LearnedRoute route = remote.getOrDefault(prefix, learned.get(prefix));
    Optional<Decision> decision;
    if (calculation.isLocal(prefix)) {
      decision = Optional.of(calculation.local(prefix));
    } else if (route != null) {
      decision = Optional.of(calculation.learned(route));
    } else {
      decision = Optional.empty();
    }
    Optional<RouteIssue> issue =
        decision.flatMap(Decision::issue).filter(found -> found.reason().isTrouble());
    RouteIssue before = issue.isPresent() ? issues.put(prefix, issue.get()) : issues.remove(prefix);
    issuesChanged |= !Optional.ofNullable(before).equals(issue);
    if (decision.isPresent() && decision.get() instanceof Decision.Wait wait) {
      table.keep(prefix, index -> underlay.link(index).isPresent(), wait.wanted());
    } else {
      table.want(prefix, decision.flatMap(Decision::wanted));
    }
  }

  /** What is wrong with decided routes: of each reason the first few, in the order of prefixes. */
  List<RouteIssue> issues(int mostOfOne) {
    if (issuesChanged) {
      issuesChanged = false;
      List<RouteIssue> listed = new ArrayList<>();
      Map<RouteIssue.Reason, Integer> counts = new EnumMap<>(RouteIssue.Reason.class);
      for (RouteIssue issue : new TreeMap<>(issues).values()) {
        if (counts.merge(issue.reason(), 1, Integer::sum) <= mostOfOne) {
          listed.add(issue);
        }
      }
      listedIssues = List.copyOf(listed);
    }
    return listedIssues;
  }
}
