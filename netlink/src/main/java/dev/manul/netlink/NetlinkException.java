package dev.manul.netlink;

/**
 * A kernel call that failed as a whole: a socket or a namespace that could not be opened, a dump
 * that could not be read, an answer that did not come in time.
 *
 * <p>What goes wrong with one change of a batch is not thrown; it is in the {@link ApplyReport}.
 */
public final class NetlinkException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int number;

  /**
   * @param attempted what was attempted, such as {@code dump routes}
   * @param errno the kernel's answer
   */
  public NetlinkException(String attempted, Errno errno) {
    super(attempted + ": " + errno);
    this.number = errno.number();
  }

  /**
   * @param attempted what was attempted
   * @param errno the kernel's answer
   * @param detail the kernel's own words or a hint
   */
  public NetlinkException(String attempted, Errno errno, String detail) {
    super(attempted + ": " + errno + (detail.isEmpty() ? "" : ": " + detail));
    this.number = errno.number();
  }

  /** The kernel's answer. */
  public Errno errno() {
    return new Errno(number);
  }
}
