package dev.manul.routes;

import dev.manul.netlink.Link;
import java.util.Optional;

/** A node's IP-in-IP device, which the kernel makes when its module is loaded. */
public final class IpipTunnel {

  /** Its name, which is the kernel's. */
  public static final String DEVICE = "tunl0";

  static final String KIND = "ipip";

  private IpipTunnel() {}

  /** The device, if it is there, is IP-in-IP and is up. */
  public static Optional<Link> device(Underlay underlay) {
    return underlay.link(DEVICE).filter(link -> link.kind().equals(KIND) && link.up());
  }
}
