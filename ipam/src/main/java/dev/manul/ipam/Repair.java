package dev.manul.ipam;

import dev.manul.datastore.Selection;
import dev.manul.ipam.CheckReport.Category;
import dev.manul.ipam.RepairReport.Displaced;
import dev.manul.ipam.RepairReport.Fate;
import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Node;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
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

  private final Optional<EndpointRemoval> removal;
  private final List<Address> adopted = new ArrayList<>();
  private final List<Displaced> displaced = new ArrayList<>();
  private final Map<Key, Optional<String>> removed = new HashMap<>();

  Repair(Ipam ipam, Parts parts, Optional<EndpointRemoval> removal) {
    this.ipam = ipam;
    this.parts = parts;
    this.removal = removal;
  }

  RepairReport run(RepairRequest request) {
    CheckReport now = ipam.check();
    Set<String> unused = subjects(now, Category.ALLOCATED_NOT_IN_USE);
    List<Address> released =
        release(
            request.leaked().stream().filter(l -> unused.contains(l.address().text())).toList());
    // Claims and handles first: an address is allocated within a block that must be in order.
    repairs.addAll(ipam.reclaim().repairs());
    String network = network(now);
    Map<Address, AllocationInfo> allocated = allocated(now);
    Map<Address, List<AddressUse>> users = SharedAddress.byRight(uses(), allocated);
    Set<String> missing = subjects(now, Category.IN_USE_NOT_ALLOCATED);
    users.forEach(
        (address, by) -> {
          if (request.unallocated().contains(address) && missing.contains(address.text())) {
            by.getFirst().request(network).filter(this::adopt).ifPresent(u -> adopted.add(address));
          }
        });
    for (SharedAddress shared : SharedAddress.of(users, allocated)) {
      if (request.shared().contains(shared.address())) {
        settle(shared, network);
      }
    }
    return new RepairReport(released, adopted, repairs, displaced, ipam.check().problems());
  }

  private static Map<Address, AllocationInfo> allocated(CheckReport now) {
    Map<Address, AllocationInfo> allocated = new HashMap<>();
    now.allocations()
        .forEach(line -> allocated.put(line.allocation().address(), line.allocation()));
    return allocated;
  }

  /** All uses of addresses, as they are now. */
  private List<AddressUse> uses() {
    return AddressUse.all(
        parts.datastore().list(Node.KIND, Selection.ALL).items(),
        parts.datastore().list(WorkloadEndpoint.KIND, Selection.ALL).items());
  }

  /** Has the books say whose an address is, and sees to those who have it besides. */
  private void settle(SharedAddress shared, String network) {
    if (shared.allocation().isPresent() && !shared.isBooked()) {
      AllocationInfo allocation = shared.allocation().get();
      shared
          .keeper()
          .request(network)
          .filter(request -> handOver(allocation, request))
          .ifPresent(
              request ->
                  repairs.add(
                      "allocated "
                          + shared.address()
                          + " to "
                          + shared.keeper().user()
                          + ", and no longer to "
                          + SharedAddress.owner(allocation)));
    }
    shared.others().forEach(other -> displaced.add(displace(shared, other)));
  }

  private boolean handOver(AllocationInfo allocation, AssignAddressRequest request) {
    try {
      return new Handover(parts).give(allocation, request);
    } catch (IpamException e) {
      return false; // the next check names it again
    }
  }

  private Displaced displace(SharedAddress shared, AddressUse other) {
    Optional<String> reason = Optional.empty();
    Fate fate = Fate.HELPS_ITSELF;
    if (other instanceof AddressUse.OfEndpoint(Address _, WorkloadEndpoint endpoint)) {
      fate = Fate.NAMED;
      if (removal.isPresent()) {
        reason = removed.computeIfAbsent(endpoint.key(), k -> removal.get().remove(endpoint));
        fate = reason.isEmpty() ? Fate.REMOVED : Fate.NOT_REMOVED;
      }
    }
    return new Displaced(shared.address(), other.user(), shared.keeper().user(), fate, reason);
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
