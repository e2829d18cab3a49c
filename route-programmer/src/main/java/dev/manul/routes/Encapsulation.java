package dev.manul.routes;

import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.RouteSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A way of carrying packets between nodes, and whether this kernel has it.
 *
 * @param name {@code ipip} or {@code vxlan}
 * @param problem why a device of the kind cannot be made; empty when it can
 */
public record Encapsulation(String name, Optional<String> problem) {

  private static final List<LinkType> TYPES =
      List.of(
          LinkType.Ipip.toAnyGateway(), new LinkType.Vxlan(1, 4789, Optional.empty(), 0, false));

  /**
   * Asks the kernel by making a device of each kind, in a namespace of its own that is gone
   * afterwards. Where modules are loaded on demand, this loads them.
   *
   * @throws NetlinkException when there can be no such namespace
   */
  public static List<Encapsulation> probe() {
    return NetworkNamespace.callInNew(
        () -> {
          try (RouteSocket socket = RouteSocket.openBriefly()) {
            List<Encapsulation> found = new ArrayList<>();
            for (LinkType type : TYPES) {
              ApplyReport report =
                  socket.apply(
                      List.of(new Change.CreateLink(LinkSpec.of("probe-" + type.kind(), type))));
              found.add(
                  new Encapsulation(
                      type.kind(),
                      report.failures().stream()
                          // the kernel's own tunl0 is such a device already
                          .filter(failure -> !failure.errno().equals(Errno.EEXIST))
                          .map(failure -> failure.errno().toString())
                          .findFirst()));
            }
            return List.copyOf(found);
          }
        });
  }

  /** One word for logs, such as {@code yes} or {@code no}. */
  public String verdict() {
    return problem.isEmpty() ? "yes" : "no";
  }
}
