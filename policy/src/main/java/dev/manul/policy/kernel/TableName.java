package dev.manul.policy.kernel;

import java.util.Locale;

/** The tables of iptables that hold something of ours, in the order in which packets meet them. */
public enum TableName {
  RAW,
  MANGLE,
  NAT,
  FILTER;

  /** As iptables calls it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
