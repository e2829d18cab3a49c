package dev.manul.e2e.lab;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;

/** How packets to the addresses of a pool are carried between nodes. */
public enum PoolMode {
  NEVER("Never", EncapsulationMode.NEVER, EncapsulationMode.NEVER),
  IPIP_ALWAYS("IPIP Always", EncapsulationMode.ALWAYS, EncapsulationMode.NEVER),
  IPIP_CROSS_SUBNET("IPIP CrossSubnet", EncapsulationMode.CROSS_SUBNET, EncapsulationMode.NEVER),
  VXLAN_ALWAYS("VXLAN Always", EncapsulationMode.NEVER, EncapsulationMode.ALWAYS),
  VXLAN_CROSS_SUBNET("VXLAN CrossSubnet", EncapsulationMode.NEVER, EncapsulationMode.CROSS_SUBNET);

  private final String text;
  private final EncapsulationMode ipip;
  private final EncapsulationMode vxlan;

  PoolMode(String text, EncapsulationMode ipip, EncapsulationMode vxlan) {
    this.text = text;
    this.ipip = ipip;
    this.vxlan = vxlan;
  }

  /** A pool of a mode of IP-in-IP. */
  public static PoolMode ofIpip(EncapsulationMode mode) {
    return switch (mode) {
      case ALWAYS -> IPIP_ALWAYS;
      case CROSS_SUBNET -> IPIP_CROSS_SUBNET;
      case NEVER -> NEVER;
    };
  }

  /** A pool of a mode of VXLAN. */
  public static PoolMode ofVxlan(EncapsulationMode mode) {
    return switch (mode) {
      case ALWAYS -> VXLAN_ALWAYS;
      case CROSS_SUBNET -> VXLAN_CROSS_SUBNET;
      case NEVER -> NEVER;
    };
  }

  /** The pool in this mode. */
  public IPPool of(IPPool pool) {
    return pool.withSpec(pool.spec().withModes(ipip, vxlan));
  }

  /** Whether a packet to a node is to be wrapped. */
  public boolean encapsulates(boolean sameSubnet) {
    EncapsulationMode mode = ipip == EncapsulationMode.NEVER ? vxlan : ipip;
    return mode == EncapsulationMode.ALWAYS
        || (mode == EncapsulationMode.CROSS_SUBNET && !sameSubnet);
  }

  /** Whether a route out of {@code device} is as it ought to be. */
  boolean fits(String device, boolean sameSubnet) {
    boolean ipipDevice = device.equals("tunl0");
    boolean vxlanDevice = device.equals("vxlan.calico");
    if (!encapsulates(sameSubnet)) {
      return !ipipDevice && !vxlanDevice;
    }
    return ipip == EncapsulationMode.NEVER ? vxlanDevice : ipipDevice;
  }

  @Override
  public String toString() {
    return text;
  }
}
