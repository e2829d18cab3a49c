package dev.manul.bgp;

import dev.manul.model.Address;

/** Knows which next hops this host can reach. */
@FunctionalInterface
public interface NextHopResolver {

  /** Called on the core thread: answers from memory, without blocking. */
  Resolution resolve(Address nextHop);

  /**
   * How a next hop is reached.
   *
   * @param metric the interior cost, not negative; lower is nearer
   */
  record Resolution(boolean reachable, long metric) {
    public static final Resolution DIRECT = new Resolution(true, 0);
    public static final Resolution UNREACHABLE = new Resolution(false, 0);
  }

  /** Takes every next hop for reachable at no cost. */
  static NextHopResolver always() {
    return nextHop -> Resolution.DIRECT;
  }
}
