package dev.manul.ipam;

import dev.manul.datastore.Selection;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.model.Address;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts right what a check found. What was reported some time ago is only done if a check made now
 * says so too: a pod may have come for an address, or gone with it.
 */
final class Repair {

  /** The network that pods' handles are of where no allocation shows another. */
  private static final String USUAL_NETWORK = "k8s-pod-network";

  private final Ipam ipam;
  private final Parts parts;
  private final List<String> repairs = new ArrayList<>();

  Repair(Ipam ipam, Parts parts) {
    this.ipam = ipam;
    this.parts = parts;
  }

  /**
   * One repair.
   *
   * @param leaked addresses to release, with the handles and sequence numbers they had
   * @param unallocated addresses to allocate to who uses them
   */
  RepairReport run(Collection<ReleaseRequest> leaked, Set<Address> unallocated) {
    CheckReport now = ipam.check();
    Set<String> unused = subjects(now, Category.ALLOCATED_NOT_IN_USE);
    List<Address> released =
        release(leaked.stream().filter(l -> unused.contains(l.address().text())).toList());
    // Claims and handles first: an address is allocated within a block that must be in order.
    repairs.addAll(ipam.reclaim().repairs());
    Set<String> missing = subjects(now, Category.IN_USE_NOT_ALLOCATED);
    List<Address> adopted = new ArrayList<>();
    for (AssignAddressRequest use : uses(now)) {
      if (unallocated.contains(use.address())
          && missing.contains(use.address().text())
          && !adopted.contains(use.address())
          && adopt(use)) {
        adopted.add(use.address());
      }
    }
    return new RepairReport(released, adopted, repairs, ipam.check().problems());
  }

  private static Set<String> subjects(CheckReport report, Category category) {
    Set<String> subjects = new HashSet<>();
    report.problems(category).forEach(problem -> subjects.add(problem.subject()));
    return subjects;
  }

  /** Releases together what shares a block, and one by one where one of them was refused. */
  private List<Address> release(List<ReleaseRequest> leaked) {
    if (leaked.isEmpty()) {
      return List.of();
    }
    ReleaseResult together = ipam.release(leaked);
    List<Address> released = new ArrayList<>(together.released());
    Set<Address> refused = new HashSet<>();
    together.refused().forEach(refusal -> refused.add(refusal.address()));
    for (ReleaseRequest request : leaked) {
      if (refused.contains(request.address())) {
        released.addAll(ipam.release(List.of(request)).released());
      }
    }
    return released.stream().sorted().toList();
  }

  private boolean adopt(AssignAddressRequest use) {
    try {
      AssignmentResult result = ipam.assignAddress(use);
      return result.complete();
    } catch (IpamException e) {
      return false; // the next check says that it is still without an allocation
    }
  }

  /** All uses of addresses, as the allocations that they ought to have. */
  private List<AssignAddressRequest> uses(CheckReport now) {
    List<AssignAddressRequest> uses = new ArrayList<>();
    for (Node node : parts.datastore().list(Node.KIND, Selection.ALL).items()) {
      for (TunnelType type : TunnelType.values()) {
        String name = node.metadata().name();
        TunnelAddresses.recorded(node, type)
            .ifPresent(
                address ->
                    uses.add(
                        new AssignAddressRequest(
                            address,
                            name,
                            IntendedUse.TUNNEL,
                            Optional.of(type.handleId(name)),
                            Map.of("node", name, "type", type.attribute()))));
      }
    }
    String network = network(now);
    for (WorkloadEndpoint endpoint :
        parts.datastore().list(WorkloadEndpoint.KIND, Selection.ALL).items()) {
      uses(endpoint, network, uses);
    }
    return uses;
  }

  private static void uses(
      WorkloadEndpoint endpoint, String network, List<AssignAddressRequest> into) {
    WorkloadEndpoint.Spec spec = endpoint.spec();
    if (spec.node().isEmpty() || spec.containerID().isEmpty()) {
      return; // nobody could release by such a handle; the pod has to be made anew
    }
    Map<String, String> attributes = new HashMap<>();
    attributes.put("node", spec.node());
    if (!spec.pod().isEmpty()) {
      attributes.put("namespace", endpoint.metadata().namespace());
      attributes.put("pod", spec.pod());
    }
    spec.ipNetworks().stream()
        .filter(Prefix::isSingleAddress)
        .forEach(
            address ->
                into.add(
                    new AssignAddressRequest(
                        address.address(),
                        spec.node(),
                        IntendedUse.WORKLOAD,
                        Optional.of(network + "." + spec.containerID()),
                        attributes)));
  }

  /** The network that the handles of most pods are of. */
  private static String network(CheckReport now) {
    Map<String, Integer> counts = new HashMap<>();
    for (CheckReport.AllocationLine line : now.allocations()) {
      String handle = line.allocation().handleId().orElse("");
      if (line.allocation().attributes().containsKey("pod") && handle.indexOf('.') > 0) {
        counts.merge(handle.substring(0, handle.lastIndexOf('.')), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .orElse(USUAL_NETWORK);
  }
}
