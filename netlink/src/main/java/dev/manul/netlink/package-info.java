/**
 * Linux networking from Java: rtnetlink and network namespaces, by kernel calls alone.
 *
 * <p><b>Purpose.</b> {@link dev.manul.netlink.RouteSocket} lists and changes links, addresses,
 * routes, neighbours, forwarding entries and rules of one namespace; {@link
 * dev.manul.netlink.NetlinkMonitor} tells of changes; {@link dev.manul.netlink.NetworkNamespace}
 * names, makes and enters namespaces. What the kernel has is a value here: records that compare
 * equal when the kernel would call them the same. No decisions are taken here.
 *
 * <p><b>Threads.</b> A socket belongs to the namespace it was opened in, whichever thread uses it
 * later; the opening is done by a platform thread that enters the namespace and ends with it, so no
 * pooled thread is ever left in a foreign namespace. A {@code RouteSocket} has one owner at a time.
 * A {@code NetlinkMonitor} has a thread of its own, on which its listener is called.
 *
 * <p><b>Invariants.</b>
 *
 * <ul>
 *   <li>Every kernel call has a time limit, every repetition a bound.
 *   <li>The error number is read on the thread of the call, inside {@code LibC}, the only door to
 *       the C library, which is loaded when it is first used.
 *   <li>Changes are made in the order given. The last message of a send asks for an
 *       acknowledgement; the kernel answers errors unasked and works in order, so a change that was
 *       not answered when the last one was has been done.
 *   <li>A dump that a change interrupted is repeated, never returned.
 *   <li>After an overrun, the monitor empties its queue before it says so, so that what is listed
 *       then misses nothing.
 *   <li>Messages are written to and read from memory that is used again; a route costs no garbage
 *       but itself.
 * </ul>
 */
package dev.manul.netlink;
