package dev.manul.ipam;

/** What an address is wanted for; a pool's {@code allowedUses} must name it. */
public enum IntendedUse {
  WORKLOAD("Workload"),
  TUNNEL("Tunnel"),
  LOAD_BALANCER("LoadBalancer");

  private final String text;

  IntendedUse(String text) {
    this.text = text;
  }

  /** The word used in {@code allowedUses}. */
  public String text() {
    return text;
  }
}
