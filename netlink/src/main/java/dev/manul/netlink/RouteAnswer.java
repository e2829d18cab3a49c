package dev.manul.netlink;

/** What the kernel would do with a packet. */
public sealed interface RouteAnswer {

  /**
   * It takes a route.
   *
   * @param route the route of the table that matches; of type {@code local} for a packet to this
   *     host
   */
  record Taken(Route route) implements RouteAnswer {}

  /**
   * It drops the packet.
   *
   * @param errno why: ENETUNREACH without a route, EHOSTUNREACH where the link does not forward or
   *     the route is of type {@code unreachable}, EACCES for {@code prohibit}, EINVAL for {@code
   *     blackhole} and for addresses that cannot be, EXDEV by reverse path filtering, for which
   *     newer kernels answer EINVAL as well
   */
  record Refused(Errno errno) implements RouteAnswer {}
}
