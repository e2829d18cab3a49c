package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.rendering.StaticChains.HostStages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The endpoints of this node by their interfaces, and the chains that depend on which interfaces
 * there are. Of two endpoints that claim one interface the first by its name has it.
 */
final class LocalEndpoints {

  private final PolicyOptions options;
  private final ChainIndex index;
  private final Asked asked;
  private final Map<EndpointId, EndpointPlan> plans = new HashMap<>();
  private final TreeMap<String, TreeSet<EndpointId>> pods = new TreeMap<>();
  private final TreeMap<String, TreeSet<EndpointId>> hosts = new TreeMap<>();
  private Map<AddressFamily, Fixed> fixed = new EnumMap<>(AddressFamily.class);

  /** Of which families a pod is expected to get addresses as long as it has none. */
  private Set<AddressFamily> expected = EnumSet.allOf(AddressFamily.class);

  /** Chains and hooks that depend on no policy. */
  private record Fixed(
      Map<TableName, Map<String, List<RuleText>>> chains, Map<TableName, List<Hook>> hooks) {}

  LocalEndpoints(PolicyOptions options, ChainIndex index, Asked asked) {
    this.options = options;
    this.index = index;
    this.asked = asked;
  }

  /**
   * The families in whose rules an endpoint is. A pod without an address of a family is unknown in
   * its rules, and so closed: most clusters have one family, and need no rules of the other.
   */
  private Set<AddressFamily> families(EndpointPlan plan) {
    if (plan.endpoint().id() instanceof EndpointId.Host) {
      return EnumSet.allOf(AddressFamily.class);
    }
    Set<AddressFamily> families = EnumSet.noneOf(AddressFamily.class);
    plan.endpoint().addresses().forEach(prefix -> families.add(prefix.family()));
    if (families.isEmpty()) {
      families.addAll(expected);
    }
    plan.endpoint()
        .local()
        .ifPresent(local -> local.spoofable().forEach(prefix -> families.add(prefix.family())));
    return families;
  }

  /** Says of which families pods are going to have addresses that have none yet. */
  void expect(Set<AddressFamily> families, Touched.Collecting touched) {
    if (families.equals(expected)) {
      return;
    }
    List<EndpointPlan> open =
        plans.values().stream()
            .filter(plan -> plan.endpoint().id() instanceof EndpointId.Workload)
            .filter(plan -> plan.endpoint().addresses().isEmpty())
            .toList();
    open.forEach(plan -> asked.count(plan, families(plan), -1));
    expected = EnumSet.copyOf(families);
    open.forEach(
        plan -> {
          asked.count(plan, families(plan), 1);
          owned(device(plan), touched);
        });
    var _ = refresh(touched);
  }

  EndpointPlan plan(EndpointId id) {
    return plans.get(id);
  }

  /** What is asked about host endpoints. */
  Collection<EndpointPlan> hosts() {
    return hosts.values().stream().map(ids -> plans.get(ids.first())).toList();
  }

  Map<String, List<RuleText>> fixed(AddressFamily family, TableName table) {
    return fixed.get(family).chains().getOrDefault(table, Map.of());
  }

  List<Hook> hooks(AddressFamily family, TableName table) {
    return fixed.get(family).hooks().getOrDefault(table, List.of());
  }

  /**
   * Takes in endpoints.
   *
   * @return whether there were host endpoints among them
   */
  boolean apply(Changes changes, Touched.Collecting touched) {
    boolean hostsChanged = false;
    boolean devicesChanged = false;
    for (EndpointId id : changes.endpointsGone()) {
      EndpointPlan before = plans.remove(id);
      if (before != null) {
        asked.count(before, families(before), -1);
        claim(before, touched, false);
        hostsChanged |= id instanceof EndpointId.Host;
        devicesChanged = true;
      }
    }
    for (EndpointPlan plan : changes.endpoints().values()) {
      EndpointId id = plan.endpoint().id();
      EndpointPlan before = plans.put(id, plan);
      hostsChanged |= id instanceof EndpointId.Host;
      asked.count(plan, families(plan), 1);
      if (before != null) {
        asked.count(before, families(before), -1);
      }
      if (before != null
          && before.endpoint().local().equals(plan.endpoint().local())
          && families(before).equals(families(plan))
          && isSameToRules(before, plan)
          && id instanceof EndpointId.Workload) {
        owned(device(plan), touched);
        continue;
      }
      if (before != null) {
        claim(before, touched, false);
      }
      claim(plan, touched, true);
      devicesChanged = true;
    }
    if (devicesChanged) {
      var _ = refresh(touched);
    }
    return hostsChanged;
  }

  /** A pod on a bridge is known by its addresses, any other by its interface. */
  private static boolean isSameToRules(EndpointPlan before, EndpointPlan now) {
    return !BridgedPods.isBridged(now.endpoint())
        || before.endpoint().addresses().equals(now.endpoint().addresses());
  }

  private static String device(EndpointPlan plan) {
    return plan.endpoint().local().orElseThrow().device();
  }

  private void claim(EndpointPlan plan, Touched.Collecting touched, boolean claims) {
    EndpointId id = plan.endpoint().id();
    String device = device(plan);
    boolean host = id instanceof EndpointId.Host;
    TreeMap<String, TreeSet<EndpointId>> byDevice = host ? hosts : pods;
    TreeSet<EndpointId> claimants =
        byDevice.computeIfAbsent(
            device, _ -> new TreeSet<>(Comparator.comparing(EndpointId::toString)));
    var _ = claims ? claimants.add(id) : claimants.remove(id);
    if (claimants.isEmpty()) {
      byDevice.remove(device);
    }
    if (host) {
      ownedHost(device, touched);
    } else {
      owned(device, touched);
    }
  }

  private void owned(String device, Touched.Collecting touched) {
    TreeSet<EndpointId> claimants = pods.get(device);
    EndpointId id = claimants == null ? null : claimants.first();
    for (AddressFamily family : AddressFamily.values()) {
      boolean known = id != null && families(plans.get(id)).contains(family);
      for (Direction direction : Direction.values()) {
        index.set(
            family,
            TableName.FILTER,
            ChainNames.pod(device, direction),
            known ? new ChainSource.OfPod(id, direction) : null,
            touched);
      }
    }
  }

  private void ownedHost(String device, Touched.Collecting touched) {
    TreeSet<EndpointId> claimants = hosts.get(device);
    EndpointId id = claimants == null ? null : claimants.first();
    for (AddressFamily family : AddressFamily.values()) {
      ownedHost(family, device, id, touched);
    }
  }

  private void ownedHost(
      AddressFamily family, String device, EndpointId id, Touched.Collecting touched) {
    EndpointPlan plan = id == null ? null : plans.get(id);
    for (Direction direction : Direction.values()) {
      String name = ChainNames.host(device, direction);
      ChainSource source = id == null ? null : new ChainSource.OfHost(id, direction);
      boolean in = direction == Direction.INGRESS;
      index.set(family, TableName.FILTER, name, source, touched);
      index.set(
          family,
          TableName.FILTER,
          ChainNames.forwarded(device, direction),
          id == null ? null : new ChainSource.OfForwarding(id, direction),
          touched);
      index.set(
          family, TableName.RAW, name, plan != null && isUntracked(plan) ? source : null, touched);
      index.set(
          family,
          TableName.MANGLE,
          name,
          plan != null && (!in || isPreDnat(plan)) ? source : null,
          touched);
    }
  }

  private static boolean isUntracked(EndpointPlan plan) {
    return !plan.untrackedIngress().isEmpty() || !plan.untrackedEgress().isEmpty();
  }

  private static boolean isPreDnat(EndpointPlan plan) {
    return !plan.preDnatIngress().isEmpty();
  }

  /** Makes the chains anew that depend on which interfaces there are. */
  Touched.Collecting refresh(Touched.Collecting touched) {
    Map<AddressFamily, Fixed> now = new EnumMap<>(AddressFamily.class);
    var stages =
        new HostStages(
            !hosts.isEmpty(),
            hosts().stream().anyMatch(LocalEndpoints::isUntracked),
            hosts().stream().anyMatch(LocalEndpoints::isPreDnat));
    SortedSet<String> bridges = BridgedPods.bridges(owners());
    for (AddressFamily family : AddressFamily.values()) {
      var statics = new StaticChains(options, family, stages, bridges);
      Map<TableName, Map<String, List<RuleText>>> chains = new EnumMap<>(TableName.class);
      Map<TableName, List<Hook>> hooks = new EnumMap<>(TableName.class);
      for (TableName table : TableName.values()) {
        chains.put(table, statics.chains(table));
        hooks.put(table, statics.hooks(table));
      }
      dispatch(family, chains.get(TableName.FILTER));
      new BridgedPods(options, family, owners().stream().filter(inRules(family)).toList())
          .chains(chains.get(TableName.FILTER), bridges);
      if (options.checksSources()) {
        chains.get(TableName.RAW).put(ChainNames.SOURCES, sources(family));
      }
      hostDispatch(chains, stages, bridges);
      now.put(family, new Fixed(chains, hooks));
    }
    tell(fixed, now, touched);
    fixed = now;
    return touched;
  }

  /** The endpoints that have their interfaces. */
  private List<EndpointPlan> owners() {
    return pods.values().stream().map(ids -> plans.get(ids.first())).toList();
  }

  private Predicate<EndpointPlan> inRules(AddressFamily family) {
    return plan -> families(plan).contains(family);
  }

  private void dispatch(AddressFamily family, Map<String, List<RuleText>> chains) {
    NavigableSet<String> devices = new TreeSet<>();
    pods.forEach(
        (device, ids) -> {
          EndpointPlan plan = plans.get(ids.first());
          if (inRules(family).test(plan) && !BridgedPods.isBridged(plan.endpoint())) {
            devices.add(device);
          }
        });
    for (Direction direction : Direction.values()) {
      chains.putAll(
          DispatchTree.of(
              direction == Direction.EGRESS ? ChainNames.FROM_PODS : ChainNames.TO_PODS,
              direction,
              devices,
              device -> ChainNames.pod(device, direction)));
    }
  }

  /** A packet of a pod must have come by the interface that answers would leave by. */
  private List<RuleText> sources(AddressFamily family) {
    List<RuleText> lines = new ArrayList<>();
    pods.forEach(
        (device, ids) ->
            plans.get(ids.first()).endpoint().local().orElseThrow().spoofable().stream()
                .filter(prefix -> prefix.family() == family)
                .map(Prefix::toString)
                .sorted()
                .forEach(
                    prefix ->
                        lines.add(
                            new RuleText(
                                "-i "
                                    + plans
                                        .get(ids.first())
                                        .endpoint()
                                        .local()
                                        .flatMap(Endpoint.Local::bridge)
                                        .map(Endpoint.Bridge::device)
                                        .orElse(device)
                                    + " -s "
                                    + prefix
                                    + " -j RETURN"))));
    lines.add(new RuleText("-m rpfilter --validmark --invert -j DROP"));
    return lines;
  }

  private void hostDispatch(
      Map<TableName, Map<String, List<RuleText>>> chains,
      HostStages stages,
      SortedSet<String> bridges) {
    if (!stages.any()) {
      return;
    }
    Map<String, List<RuleText>> filter = chains.get(TableName.FILTER);
    for (Direction direction : Direction.values()) {
      boolean in = direction == Direction.INGRESS;
      String name = in ? ChainNames.FROM_HOST : ChainNames.TO_HOST_ENDPOINT;
      filter.put(name, hostChain(direction, _ -> true, false, bridges));
      filter.put(
          in ? ChainNames.FROM_HOST_FORWARD : ChainNames.TO_HOST_FORWARD,
          hostChain(direction, _ -> true, true, bridges));
      if (stages.untracked()) {
        chains
            .get(TableName.RAW)
            .put(name, hostChain(direction, this::isUntracked, false, bridges));
      }
      if (!in || stages.preDnat()) {
        chains
            .get(TableName.MANGLE)
            .put(name, hostChain(direction, device -> !in || isPreDnat(device), false, bridges));
      }
    }
  }

  private boolean isUntracked(String device) {
    return isUntracked(plans.get(hosts.get(device).first()));
  }

  private boolean isPreDnat(String device) {
    return isPreDnat(plans.get(hosts.get(device).first()));
  }

  private List<RuleText> hostChain(
      Direction direction, Predicate<String> asked, boolean forwarded, SortedSet<String> bridges) {
    return HostInterfaces.chain(
        direction == Direction.INGRESS ? "-i" : "-o",
        hosts.navigableKeySet(),
        asked,
        device ->
            forwarded
                ? ChainNames.forwarded(device, direction)
                : ChainNames.host(device, direction),
        StaticChains.pods(options, bridges));
  }

  private static void tell(
      Map<AddressFamily, Fixed> before, Map<AddressFamily, Fixed> now, Touched.Collecting touched) {
    now.forEach(
        (family, fixedNow) -> {
          Fixed old = before.getOrDefault(family, new Fixed(Map.of(), Map.of()));
          if (!old.hooks().equals(fixedNow.hooks())) {
            touched.hooks();
          }
          fixedNow
              .chains()
              .forEach(
                  (table, chains) -> {
                    Map<String, List<RuleText>> oldChains =
                        old.chains().getOrDefault(table, Map.of());
                    chains.forEach(
                        (name, lines) -> {
                          if (!lines.equals(oldChains.get(name))) {
                            touched.chain(family, table, name);
                          }
                        });
                    oldChains.keySet().stream()
                        .filter(name -> !chains.containsKey(name))
                        .forEach(name -> touched.chain(family, table, name));
                  });
        });
  }
}
