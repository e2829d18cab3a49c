package dev.manul.policy.oracle;

/** Where in its way through the node a packet is asked about; all but the first for hosts only. */
public enum Hook {
  /** To or from a pod; to or from the host itself. */
  NORMAL,
  /** Through the host, by way of an interface of a host endpoint. */
  FORWARD,
  /** Before connection tracking. */
  UNTRACKED,
  /** Before DNAT. */
  PRE_DNAT
}
