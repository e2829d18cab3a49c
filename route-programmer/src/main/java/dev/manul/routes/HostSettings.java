package dev.manul.routes;

import dev.manul.model.AddressFamily;
import dev.manul.netlink.NetlinkException;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's settings that routing depends on. Forwarding is turned on where it is off. Reverse
 * path filtering belongs to the administrator: the kernel takes the greater of the setting for all
 * links and that of one, so that setting it on one device changes little, and programs that fight
 * over it only take turns. Where it is strict, that is told.
 */
final class HostSettings {

  private static final String IPV4_FORWARDING = "ipv4/ip_forward";
  private static final String IPV6_FORWARDING = "ipv6/conf/all/forwarding";

  /** RFC 3704 strict mode; 0 is off and 2 is loose (ip-sysctl of the kernel). */
  private static final int STRICT = 1;

  private HostSettings() {}

  /** Puts right what may be put right, and tells the rest. */
  static List<RouteIssue> ensure(
      Kernel kernel, Underlay underlay, NodeView view, ProgrammerOptions options) {
    List<RouteIssue> issues = new ArrayList<>();
    if (view.ipv4().isPresent()) {
      ensureOn(kernel, IPV4_FORWARDING, issues);
    }
    if (view.ipv6().isPresent()) {
      ensureOn(kernel, IPV6_FORWARDING, issues);
    }
    boolean vxlan = view.vxlanInUse(AddressFamily.IPV4).isPresent();
    if (view.usesIpip()) {
      checkReversePath(kernel, options.tunnelName(), issues);
    }
    if (vxlan) {
      checkReversePath(kernel, VxlanTunnel.deviceName(AddressFamily.IPV4), issues);
    }
    boolean udp = view.udpInUse(AddressFamily.IPV4).isPresent();
    if (udp) {
      checkReversePath(kernel, UdpTunnel.deviceName(AddressFamily.IPV4), issues);
    }
    if (view.usesIpip() || vxlan || udp) {
      view.ipv4()
          .flatMap(own -> underlay.linkOf(own.address()))
          .ifPresent(nic -> checkReversePath(kernel, nic.name(), issues));
    }
    return List.copyOf(issues);
  }

  private static void ensureOn(Kernel kernel, String name, List<RouteIssue> issues) {
    try {
      if (kernel.readSysctl(name).trim().equals("0")) {
        kernel.writeSysctl(name, "1");
      }
    } catch (NetlinkException e) {
      issues.add(
          RouteIssue.ofNode(
              Reason.FORWARDING_OFF,
              "net."
                  + name.replace('/', '.')
                  + " could not be set to 1 ("
                  + e.getMessage()
                  + "): this node forwards no packets of pods until it is"));
    }
  }

  private static void checkReversePath(Kernel kernel, String link, List<RouteIssue> issues) {
    try {
      int ofAll = reversePath(kernel, "all");
      if (Math.max(ofAll, reversePath(kernel, link)) == STRICT) {
        issues.add(
            RouteIssue.ofNode(
                Reason.STRICT_REVERSE_PATH,
                "reverse path filtering is strict on "
                    + link
                    + ": packets are lost while nodes change between tunnel and direct routes;"
                    + " set net.ipv4.conf."
                    + (ofAll == STRICT ? "all" : link)
                    + ".rp_filter to 2 or 0"));
      }
    } catch (NetlinkException e) {
      // The device is not there yet; that is told elsewhere.
    }
  }

  private static int reversePath(Kernel kernel, String link) {
    return Integer.parseInt(kernel.readSysctl("ipv4/conf/" + link + "/rp_filter").trim());
  }
}
