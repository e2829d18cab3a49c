package dev.manul.policy.explanation;

/** Where on its way through the node a packet is asked about; all but the first for hosts only. */
public enum Passage {
  /** To or from a pod; to or from the host itself. */
  NORMAL,
  /** Through the host, by an interface of a host endpoint. */
  FORWARD,
  /** Before connection tracking. */
  UNTRACKED,
  /** Before DNAT. */
  PRE_DNAT
}
