package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import dev.manul.cni.CniException.Code;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.Node;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** CHECK and STATUS: looks, and changes nothing. */
final class Inspection {
  private final Work work;

  Inspection(Work work) {
    this.work = work;
  }

  /**
   * Compares an attachment with the kernel and with what the runtime was told.
   *
   * @throws CniException when they differ
   */
  void check(Invocation invocation, Deadline deadline) {
    var previous = invocation.configuration().previousResult();
    if (previous.isEmpty()) {
      throw new CniException(
          Code.INVALID_CONFIGURATION, "prevResult is missing, and CHECK needs it");
    }
    Workload workload = Workload.of(invocation);
    try (var _ = work.hold(deadline, workload)) {
      Attachment attachment =
          work.store()
              .get(invocation.key())
              .filter(a -> a.phase() == Phase.DONE)
              .orElseThrow(
                  () ->
                      new CniException(
                          Code.UNKNOWN_CONTAINER, invocation.key() + " is not attached"));
      List<String> differences = new ArrayList<>();
      told(attachment, CniResult.addresses(previous.get()), differences);
      node(attachment, differences);
      NetworkNamespace pod = NetworkNamespace.ofPath(Path.of(invocation.netns()));
      if (pod.exists()) {
        differences.addAll(PodKernel.differences(pod, attachment));
      } else {
        differences.add("the container's namespace " + invocation.netns() + " is not there");
      }
      if (!differences.isEmpty()) {
        throw new CniException(
            Code.NOT_AS_MADE,
            invocation.key() + " is not as it was made",
            String.join("; ", differences));
      }
    } catch (Json.WrongFieldException e) {
      throw new CniException(Code.INVALID_CONFIGURATION, "prevResult: " + e.getMessage());
    }
  }

  private static void told(
      Attachment attachment, List<String> addresses, List<String> differences) {
    Set<String> told = new HashSet<>(addresses);
    attachment.interfaceAddresses().stream()
        .map(InterfaceAddress::toString)
        .filter(text -> !told.contains(text))
        .forEach(text -> differences.add("prevResult has no address " + text));
  }

  private void node(Attachment attachment, List<String> differences) {
    String device = attachment.device();
    Optional<Link> found = work.kernel().link(device);
    if (found.isEmpty()) {
      differences.add("the node has no link " + device);
      return;
    }
    Link link = found.get();
    if (link.index() != attachment.deviceIndex()) {
      differences.add(device + " of the node is another container's");
      return;
    }
    if (!link.up()) {
      differences.add(device + " of the node is down");
    }
    attachment.port().ifPresent(port -> differences.addAll(work.bridges().differences(port, link)));
    List<Route> routes = work.kernel().routesTo(link.index());
    for (Route wanted : PodLink.hostRoutes(attachment)) {
      if (routes.stream().noneMatch(route -> route.destination().equals(wanted.destination()))) {
        differences.add("the node has lost its route " + wanted.destination());
      }
    }
  }

  /**
   * Whether ADD can be served.
   *
   * @throws CniException when it cannot
   */
  void status() {
    if (!work.options().ready().get()) {
      throw new CniException(Code.NOT_AVAILABLE, "manul-agent is not ready yet");
    }
    try {
      String node = work.options().nodeName();
      if (work.datastore().get(Node.KIND, Key.of(node)).isEmpty()) {
        throw new CniException(
            Code.NOT_AVAILABLE, "node " + node + " is not registered in the datastore");
      }
      boolean pools =
          work.datastore().list(IPPool.KIND, Selection.ALL).items().stream()
              .anyMatch(pool -> !pool.spec().disabled());
      if (!pools) {
        throw new CniException(Code.NOT_AVAILABLE, "there is no enabled IPPool");
      }
    } catch (DatastoreException e) {
      throw new CniException(Code.NOT_AVAILABLE, "the datastore cannot be reached", e.getMessage());
    }
  }
}
