package dev.manul.policy.meaning;

/** Which way a packet goes, seen from the endpoint that a policy is about. */
public enum Direction {
  /** To the endpoint. */
  INGRESS,
  /** From the endpoint. */
  EGRESS
}
