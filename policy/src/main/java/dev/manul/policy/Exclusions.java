package dev.manul.policy;

/** What besides the pools is never masqueraded for; Calico's {@code natOutgoingExclusions}. */
public enum Exclusions {
  /** {@code IPPoolsOnly}: packets to nodes' own addresses are masqueraded. */
  POOLS,
  /** {@code IPPoolsAndHostIPs}: they keep the pod's address. */
  POOLS_AND_NODES
}
