package dev.manul.policy.explanation;

/** What becomes of a packet. */
public enum Verdict {
  ALLOW,
  DENY,
  /** Nobody decided; only where hosts are asked about before connection tracking or DNAT. */
  UNDECIDED
}
