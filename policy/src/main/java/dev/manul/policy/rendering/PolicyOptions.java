package dev.manul.policy.rendering;

import java.util.List;
import java.util.stream.Stream;

/**
 * How policy becomes rules.
 *
 * @param marks bits of packets' marks
 * @param interfacePrefixes what begins the names of the node's ends of pods' interfaces. All such
 *     interfaces that no endpoint is known for are closed
 * @param toHost what becomes of packets from a pod to its node that the pod's policy lets out
 * @param denial what becomes of packets that are denied
 * @param logPrefix what begins a line that a rule with the action Log writes
 * @param ipip whether nodes exchange IPIP: it is taken from known nodes only
 * @param vxlanPort the UDP port of VXLAN if nodes exchange it, taken from known nodes only; 0 if
 *     not
 * @param ipipFromPods whether pods may send IPIP
 * @param vxlanFromPods whether pods may send VXLAN
 * @param dropsInvalid whether packets are dropped that connection tracking calls invalid
 * @param first whether our rules come before everybody's in the kernel's chains
 * @param checksSources whether packets of pods with others' addresses are dropped
 * @param seesPorts whether the kernel shows iptables what bridges carry, and by which port
 *     (br_netfilter)
 * @param udpTunnelPort the UDP port at which nodes exchange packets through their agents, treated
 *     as VXLAN's; 0 if they do not
 */
public record PolicyOptions(
    Marks marks,
    List<String> interfacePrefixes,
    ToHost toHost,
    Denial denial,
    String logPrefix,
    List<Failsafe> failsafeInbound,
    List<Failsafe> failsafeOutbound,
    boolean ipip,
    int vxlanPort,
    boolean ipipFromPods,
    boolean vxlanFromPods,
    boolean dropsInvalid,
    boolean first,
    boolean checksSources,
    boolean seesPorts,
    int udpTunnelPort) {

  /** The kernel cuts the prefix of a log's line after so many characters. */
  private static final int LONGEST_LOG_PREFIX = 27;

  private static final int LONGEST_INTERFACE_PREFIX = 14;
  private static final int VXLAN_PORT = 4789;

  /** Calico's defaults, with IPIP and VXLAN both off. */
  public static final PolicyOptions DEFAULT =
      new PolicyOptions(
          Marks.of(0xffff0000),
          List.of("cali"),
          ToHost.DROP,
          Denial.DROP,
          "manul-packet",
          Failsafe.INBOUND,
          Failsafe.OUTBOUND,
          false,
          0,
          false,
          false,
          true,
          true,
          true,
          false,
          0);

  /** What becomes of packets from pods to their own node; Calico's defaultEndpointToHostAction. */
  public enum ToHost {
    DROP,
    ACCEPT,
    /** The node's other rules decide. */
    RETURN
  }

  /** What becomes of packets that are denied; Calico's iptablesFilterDenyAction. */
  public enum Denial {
    DROP,
    /** The sender is told. Only in the table filter; elsewhere dropped. */
    REJECT
  }

  public PolicyOptions {
    interfacePrefixes = List.copyOf(interfacePrefixes);
    failsafeInbound = List.copyOf(failsafeInbound);
    failsafeOutbound = List.copyOf(failsafeOutbound);
    if (interfacePrefixes.isEmpty()) {
      throw new IllegalArgumentException("interfacePrefix: at least one is needed");
    }
    for (String prefix : interfacePrefixes) {
      if (!prefix.matches("[A-Za-z0-9_.-]{1," + LONGEST_INTERFACE_PREFIX + "}")) {
        throw new IllegalArgumentException(
            "interfacePrefix \"%s\": allowed are 1 to %d letters, digits, '_', '.' and '-'"
                .formatted(prefix, LONGEST_INTERFACE_PREFIX));
      }
    }
    if (!logPrefix.matches("[ -~&&[^\"\\\\]]{0," + LONGEST_LOG_PREFIX + "}")) {
      throw new IllegalArgumentException(
          "logPrefix \"%s\": allowed are at most %d printable characters without quotes"
              .formatted(logPrefix, LONGEST_LOG_PREFIX));
    }
  }

  public PolicyOptions withFailsafes(List<Failsafe> inbound, List<Failsafe> outbound) {
    return new PolicyOptions(
        marks,
        interfacePrefixes,
        toHost,
        denial,
        logPrefix,
        inbound,
        outbound,
        ipip,
        vxlanPort,
        ipipFromPods,
        vxlanFromPods,
        dropsInvalid,
        first,
        checksSources,
        seesPorts,
        udpTunnelPort);
  }

  /** The UDP ports at which nodes exchange packets of pods. */
  List<Integer> tunnelPorts() {
    return Stream.of(vxlanPort, udpTunnelPort).filter(port -> port != 0).distinct().toList();
  }

  /** Whether nodes exchange packets of pods in a tunnel. */
  public boolean tunnels() {
    return ipip || !tunnelPorts().isEmpty();
  }

  /** The UDP port at which pods may not send, as it is VXLAN's or would be. */
  public int guardedVxlanPort() {
    return vxlanPort == 0 ? VXLAN_PORT : vxlanPort;
  }

  /** With tunnels that nodes use; Calico's port of VXLAN is 4789. */
  public PolicyOptions withTunnels(boolean ipip, boolean vxlan) {
    return new PolicyOptions(
        marks,
        interfacePrefixes,
        toHost,
        denial,
        logPrefix,
        failsafeInbound,
        failsafeOutbound,
        ipip,
        vxlan ? VXLAN_PORT : 0,
        ipipFromPods,
        vxlanFromPods,
        dropsInvalid,
        first,
        checksSources,
        seesPorts,
        udpTunnelPort);
  }

  /** Whether packets that connection tracking calls invalid are dropped. */
  public PolicyOptions withDropsInvalid(boolean dropsInvalid) {
    return new PolicyOptions(
        marks,
        interfacePrefixes,
        toHost,
        denial,
        logPrefix,
        failsafeInbound,
        failsafeOutbound,
        ipip,
        vxlanPort,
        ipipFromPods,
        vxlanFromPods,
        dropsInvalid,
        first,
        checksSources,
        seesPorts,
        udpTunnelPort);
  }

  /** Whether the kernel shows iptables what bridges carry. */
  public PolicyOptions withSeesPorts(boolean seesPorts) {
    return new PolicyOptions(
        marks,
        interfacePrefixes,
        toHost,
        denial,
        logPrefix,
        failsafeInbound,
        failsafeOutbound,
        ipip,
        vxlanPort,
        ipipFromPods,
        vxlanFromPods,
        dropsInvalid,
        first,
        checksSources,
        seesPorts,
        udpTunnelPort);
  }
}
