package dev.manul.agent;

import dev.manul.bgp.filter.Community;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.Operation;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What passes between this node and its peers, by Calico's rules in Calico's order. Pure.
 *
 * <p>Announced is what the BGPFilters of a peer let pass; of what they say nothing about: nothing
 * of pools that are not to be exported; with the communities of prefixAdvertisements; all that this
 * node originates; and of what others have announced, parts of pools alone. Equal questions give
 * equal filters, so that peers that are told the same can be told it together.
 */
final class PeerFilters {

  /** What kind of session a filter is for. */
  enum Towards {
    /** A neighbour in the same AS that can be told nothing but this node's own routes. */
    OWN_ONLY,
    /** A neighbour in the same AS. */
    INTERNAL,
    /** A neighbour in another AS. */
    EXTERNAL
  }

  private final ClusterView view;
  private final BGPConfiguration.Spec settings;
  private final Set<Prefix> ownBlocks;
  private final boolean reflector;
  private final Consumer<String> problems;
  private final Map<Towards, RouteFilter> usual = new HashMap<>();

  /**
   * @param settings those in force on this node
   * @param reflector whether this node is a route reflector
   * @param problems takes a line for each filter that is named and not there
   */
  PeerFilters(
      ClusterView view,
      BGPConfiguration.Spec settings,
      boolean reflector,
      Consumer<String> problems) {
    this.view = view;
    this.settings = settings;
    this.ownBlocks = NodeViews.ownBlocks(view);
    this.reflector = reflector;
    this.problems = problems;
  }

  /** What is announced to a peer without filters of its own. */
  RouteFilter exported(Towards towards) {
    return usual.computeIfAbsent(towards, key -> end("export", calicosRules(key), key));
  }

  /**
   * What is announced to a peer.
   *
   * @param filters names of BGPFilters, in order
   * @param whose whose they are, for messages
   */
  RouteFilter exported(Towards towards, List<String> filters, String whose) {
    if (filters.isEmpty()) {
      return exported(towards);
    }
    List<Rule> rules = new ArrayList<>();
    for (String name : filters) {
      BGPFilter filter = view.onDemand().filters().get(name);
      if (filter == null) {
        return missing(name, whose, true);
      }
      rules.addAll(rules(filter, AddressFamily.IPV4, filter.spec().exportV4()));
      rules.addAll(rules(filter, AddressFamily.IPV6, filter.spec().exportV6()));
    }
    rules.addAll(calicosRules(towards));
    return end("export", rules, towards);
  }

  /** What a peer's announcements have to be like: everything passes that no filter rejects. */
  RouteFilter imported(List<String> filters, String whose) {
    List<Rule> rules = new ArrayList<>();
    for (String name : filters) {
      BGPFilter filter = view.onDemand().filters().get(name);
      if (filter == null) {
        return missing(name, whose, false);
      }
      rules.addAll(rules(filter, AddressFamily.IPV4, filter.spec().importV4()));
      rules.addAll(rules(filter, AddressFamily.IPV6, filter.spec().importV6()));
    }
    return rules.isEmpty() ? RouteFilter.ACCEPT : new RouteFilter("import", rules, Action.ACCEPT);
  }

  /**
   * Nothing passes by a filter that is not there: what it was to keep away is not known, and a
   * session that stays up without routes is mended at once by the filter.
   */
  private RouteFilter missing(String name, String whose, boolean tell) {
    if (tell) {
      problems.accept(
          whose + ": BGPFilter " + name + " is not there; no routes are exchanged until it is");
    }
    return new RouteFilter("BGPFilter " + name + ", which is not there", List.of(), Action.REJECT);
  }

  private static RouteFilter end(String name, List<Rule> rules, Towards towards) {
    Action otherwise = towards == Towards.OWN_ONLY ? Action.ACCEPT : Action.REJECT;
    return rules.isEmpty() && otherwise == Action.ACCEPT
        ? RouteFilter.ACCEPT
        : new RouteFilter(name, rules, otherwise);
  }

  private List<Rule> calicosRules(Towards towards) {
    List<Rule> rules = new ArrayList<>();
    for (IPPool pool : view.pools()) {
      if (pool.spec().disableBGPExport()) {
        rules.add(
            Rule.of(
                "pool " + pool.metadata().name() + " has disableBGPExport",
                inside(pool.spec().cidr()),
                Action.REJECT));
      }
    }
    advertisements(rules);
    if (towards == Towards.OWN_ONLY) {
      return rules; // all that follows is about other routes
    }
    rules.add(Rule.of("this node's own", Match.ANY.withSource(Match.Source.LOCAL), Action.ACCEPT));
    if (towards == Towards.EXTERNAL) {
      // Somebody else's address in an own block: the block is announced as a whole. Nodes have to
      // know of it all the same, since they would send it here.
      for (Prefix block : ownBlocks) {
        rules.add(Rule.of("inside of own block " + block, inside(block), Action.REJECT));
      }
    }
    if (reflector) {
      ServiceRanges ranges = ServiceRanges.of(settings, List.of());
      for (List<Prefix> sort : List.of(ranges.loadBalancerIps(), ranges.externalIps())) {
        for (Prefix range : sort) {
          rules.add(Rule.of("service addresses " + range, inside(range), Action.ACCEPT));
        }
      }
    }
    for (IPPool pool : view.pools()) {
      if (!pool.spec().disableBGPExport()) {
        rules.add(
            Rule.of("pool " + pool.metadata().name(), inside(pool.spec().cidr()), Action.ACCEPT));
      }
    }
    return rules;
  }

  private void advertisements(List<Rule> rules) {
    Map<String, String> named = new HashMap<>();
    settings.communities().forEach(each -> named.put(each.name(), each.value()));
    for (BGPConfiguration.PrefixAdvertisement each : settings.prefixAdvertisements()) {
      List<Operation> operations = new ArrayList<>();
      for (String community : each.communities()) {
        String value = named.getOrDefault(community, community);
        try {
          operations.add(new Operation.AddCommunity(Community.parse(value)));
        } catch (IllegalArgumentException e) {
          problems.accept(
              "BGPConfiguration: spec.prefixAdvertisements of %s: %s"
                  .formatted(each.cidr(), e.getMessage()));
        }
      }
      if (each.cidr() != null && !operations.isEmpty()) {
        rules.add(
            new Rule(
                "prefixAdvertisement " + each.cidr(),
                inside(each.cidr()),
                Action.CONTINUE,
                operations));
      }
    }
  }

  private static Match inside(Prefix range) {
    return Match.ANY.withPrefix(PrefixMatch.of(range, PrefixMatch.Operator.IN));
  }

  /** The rules of a filter for a direction and a family. */
  private static List<Rule> rules(
      BGPFilter filter, AddressFamily family, List<BGPFilter.Rule> written) {
    List<Rule> rules = new ArrayList<>(written.size());
    for (int i = 0; i < written.size(); i++) {
      BGPFilter.Rule rule = written.get(i);
      String name = "BGPFilter %s, rule %d".formatted(filter.metadata().name(), i + 1);
      rules.add(
          new Rule(
              name,
              match(rule, family),
              rule.action().equals("Accept") ? Action.ACCEPT : Action.REJECT,
              rule.operations().stream().map(PeerFilters::operation).toList()));
    }
    return rules;
  }

  private static Match match(BGPFilter.Rule rule, AddressFamily family) {
    Match match = Match.ANY.withFamily(family);
    if (rule.cidr().isPresent()) {
      match = match.withPrefix(prefix(rule, rule.cidr().get()));
    }
    if (rule.source().equals(BGPFilter.REMOTE_PEERS)) {
      match = match.withSource(Match.Source.REMOTE_PEERS);
    }
    if (!rule.ofInterface().isEmpty()) {
      match = match.withInterfaceName(rule.ofInterface());
    }
    if (!rule.peerType().isEmpty()) {
      match =
          match.withPeerType(
              rule.peerType().equals("eBGP") ? Match.PeerType.EXTERNAL : Match.PeerType.INTERNAL);
    }
    if (rule.communities().isPresent()) {
      match =
          match.withCommunities(
              rule.communities().get().values().stream().map(Community::parse).toList());
    }
    if (!rule.asPathPrefix().isEmpty()) {
      match = match.withAsPathPrefix(rule.asPathPrefix());
    }
    return rule.priority().isPresent() ? match.withPriority(rule.priority().get()) : match;
  }

  private static PrefixMatch prefix(BGPFilter.Rule rule, Prefix cidr) {
    PrefixMatch.Operator operator =
        switch (rule.matchOperator()) {
          case "Equal" -> PrefixMatch.Operator.EQUAL;
          case "NotEqual" -> PrefixMatch.Operator.NOT_EQUAL;
          case "In" -> PrefixMatch.Operator.IN;
          case "NotIn" -> PrefixMatch.Operator.NOT_IN;
          default ->
              throw new IllegalArgumentException(
                  "matchOperator \"" + rule.matchOperator() + "\" is not known");
        };
    int least = rule.prefixLength().flatMap(BGPFilter.PrefixLength::min).orElse(0);
    int most =
        rule.prefixLength().flatMap(BGPFilter.PrefixLength::max).orElse(cidr.family().bits());
    return new PrefixMatch(cidr, operator, least, most);
  }

  private static Operation operation(BGPFilter.Operation operation) {
    if (operation.addCommunity().isPresent()) {
      return new Operation.AddCommunity(Community.parse(operation.addCommunity().get().value()));
    }
    if (operation.prependASPath().isPresent()) {
      return new Operation.PrependAsPath(operation.prependASPath().get().prefix());
    }
    return new Operation.SetPriority(
        operation
            .setPriority()
            .orElseThrow(() -> new IllegalArgumentException("an operation says nothing"))
            .value());
  }
}
