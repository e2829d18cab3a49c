package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import java.util.Arrays;

/** How packets to the addresses of a pool are carried between nodes. */
public enum PoolMode {
  NEVER("Never", Carrier.NONE, EncapsulationMode.NEVER),
  IPIP_ALWAYS("IPIP Always", Carrier.IPIP, EncapsulationMode.ALWAYS),
  IPIP_CROSS_SUBNET("IPIP CrossSubnet", Carrier.IPIP, EncapsulationMode.CROSS_SUBNET),
  VXLAN_ALWAYS("VXLAN Always", Carrier.VXLAN, EncapsulationMode.ALWAYS),
  VXLAN_CROSS_SUBNET("VXLAN CrossSubnet", Carrier.VXLAN, EncapsulationMode.CROSS_SUBNET),
  UDP_ALWAYS("UDP Always", Carrier.UDP, EncapsulationMode.ALWAYS),
  UDP_CROSS_SUBNET("UDP CrossSubnet", Carrier.UDP, EncapsulationMode.CROSS_SUBNET);

  private final String text;
  private final Carrier carrier;
  private final EncapsulationMode mode;

  /** What packets are wrapped in, with the device that does it. */
  public enum Carrier {
    NONE(""),
    IPIP("tunl0"),
    VXLAN("vxlan.calico"),
    UDP("manul-udp");

    private final String device;

    Carrier(String device) {
      this.device = device;
    }
  }

  PoolMode(String text, Carrier carrier, EncapsulationMode mode) {
    this.text = text;
    this.carrier = carrier;
    this.mode = mode;
  }

  /** A pool of a mode of IP-in-IP. */
  public static PoolMode ofIpip(EncapsulationMode mode) {
    return of(mode, EncapsulationMode.NEVER, EncapsulationMode.NEVER);
  }

  /** A pool of a mode of VXLAN. */
  public static PoolMode ofVxlan(EncapsulationMode mode) {
    return of(EncapsulationMode.NEVER, mode, EncapsulationMode.NEVER);
  }

  /** A pool's mode by its fields, of which one at most may be other than Never. */
  public static PoolMode of(
      EncapsulationMode ipip, EncapsulationMode vxlan, EncapsulationMode udp) {
    for (PoolMode mode : values()) {
      if (mode.ipip() == ipip && mode.vxlan() == vxlan && mode.udp() == udp) {
        return mode;
      }
    }
    throw new LabException("ipipMode %s, vxlanMode %s and udpMode %s together", ipip, vxlan, udp);
  }

  public Carrier carrier() {
    return carrier;
  }

  private EncapsulationMode ipip() {
    return carrier == Carrier.IPIP ? mode : EncapsulationMode.NEVER;
  }

  private EncapsulationMode vxlan() {
    return carrier == Carrier.VXLAN ? mode : EncapsulationMode.NEVER;
  }

  private EncapsulationMode udp() {
    return carrier == Carrier.UDP ? mode : EncapsulationMode.NEVER;
  }

  /** A merge patch that brings a pool into this mode. */
  public String patch() {
    return "{\"spec\":{\"ipipMode\":\"%s\",\"vxlanMode\":\"%s\",\"udpMode\":\"%s\"}}"
        .formatted(ipip(), vxlan(), udp());
  }

  /** The pool in this mode. */
  public IPPool of(IPPool pool) {
    return pool.withSpec(pool.spec().withModes(ipip(), vxlan(), udp()));
  }

  /** Whether a packet to a node is to be wrapped. */
  public boolean encapsulates(boolean sameSubnet) {
    return mode == EncapsulationMode.ALWAYS
        || (mode == EncapsulationMode.CROSS_SUBNET && !sameSubnet);
  }

  /** Whether a route out of {@code device} is as it ought to be. */
  public boolean fits(String device, boolean sameSubnet) {
    Carrier wanted = encapsulates(sameSubnet) ? carrier : Carrier.NONE;
    Carrier found =
        Arrays.stream(Carrier.values())
            .filter(each -> each.device.equals(device))
            .findFirst()
            .orElse(Carrier.NONE);
    return wanted == found;
  }

  @Override
  public String toString() {
    return text;
  }
}
