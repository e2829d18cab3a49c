package dev.manul.netlink;

/** What the members of a set of the kernel's are. */
public enum SetType {
  /** Prefixes. */
  NET("hash:net"),
  /** Addresses with a protocol and a port. */
  ADDRESS_PORT("hash:ip,port");

  private final String kernelName;

  SetType(String kernelName) {
    this.kernelName = kernelName;
  }

  /** As the kernel and {@code ipset} call it. */
  public String kernelName() {
    return kernelName;
  }
}
