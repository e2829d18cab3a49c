/**
 * Desired routes and devices, and the driver that makes the kernel agree.
 *
 * <p><b>The way through.</b> {@link dev.manul.routes.RouteProgrammer} takes in a {@link
 * dev.manul.routes.NodeView} (pools, own blocks, workloads, addresses) and {@link
 * dev.manul.routes.LearnedChange}s, and listens to the kernel. {@link
 * dev.manul.routes.RouteCalculation}, a pure function, decides for each prefix what route there is
 * to be, given the {@link dev.manul.routes.Underlay}: links, addresses and other programs' routes.
 * {@code DesiredRoutes} decides anew only what a change concerns; {@code RouteTable} compares with
 * what the kernel was last seen to have and writes the difference in one batch; {@code TunnelPlan},
 * {@code VxlanPlan} and {@code UdpPlan}, pure again, say what the tunnel devices lack, {@code
 * VxlanEnds} which neighbours and forwarding entries, and {@code UdpKeeper} tells the relay that
 * carries packets in UDP which node is behind which route. {@code RouteKeeper} puts these in order,
 * without a thread or a clock of its own, so that tests drive it step by step.
 *
 * <p><b>Threads.</b> {@code routes} owns everything that changes, and the one netlink socket that
 * writes; a monitor's thread only leaves events in the {@code Inbox}. All other threads leave
 * inputs there, of which the latest counts, and read immutable snapshots. The inbox is bounded by
 * what there is to know: one view, one change a prefix, and a limited number of events, past which
 * the kernel is read whole.
 *
 * <p><b>Ownership.</b> A route is ours when it has our protocol number (77) and is in our table.
 * All of {@code tunl0} is ours, its IPv4 addresses included, all of {@code vxlan.calico} and {@code
 * vxlan-v6.calico}, with their neighbours and forwarding entries, and all of {@code manul-udp} and
 * {@code manul-udp-v6}. Nothing else is written, but for {@code ip_forward}. Where another
 * program's route has the key (destination, metric) of one of ours, it stays and ours is told as
 * failing.
 *
 * <p><b>Invariants.</b>
 *
 * <ul>
 *   <li>The wanted routes depend on the inputs of now alone, never on their history; but a prefix
 *       whose new way is not ready keeps the route it has ({@link dev.manul.routes.Decision.Wait}).
 *   <li>Nothing is written before the first view; nothing is removed before {@code inSync}.
 *   <li>A route that is right is not written, so that its age in the kernel outlives a restart.
 *   <li>A route that changes is replaced by one message: there is no moment without it.
 *   <li>An event of ours is never taken for another's: the monitor passes over what our own socket
 *       did, and what it did is known from the kernel's answers. Where older news may contradict a
 *       write of the last second, the kernel is read instead of guessed at.
 *   <li>What fails keeps only itself waiting: it is tried again after 0.1 s, doubling up to 30 s,
 *       and at once when a link or an address comes.
 * </ul>
 *
 * <p><b>What the kernel does not tell.</b> IPv4 routes go silently with a link that goes down, is
 * removed or loses its last address; so such an event leads to a full reading when any route used
 * that link.
 */
package dev.manul.routes;
