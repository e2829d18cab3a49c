/**
 * The routing information bases of RFC 4271 section 3.2.
 *
 * <p>{@link dev.manul.bgp.rib.Rib} belongs to the core thread; no class here is safe for use by
 * another. Its invariants:
 *
 * <ul>
 *   <li>A prefix has a dense number as long as a path, a neighbour's Adj-RIB-Out or a queue refers
 *       to it. All tables are arrays indexed by it.
 *   <li>A prefix has at most one path a neighbour, in a list: these lists are all Adj-RIBs-In and
 *       the Loc-RIB in one.
 *   <li>Equal attributes are one {@link dev.manul.bgp.rib.AttributeSet}, compared by identity.
 *   <li>A change marks its prefix; {@code settle} runs the decision process once for each marked
 *       prefix, tells the listener, and marks the prefix for the neighbours it concerns. What a
 *       neighbour gets is worked out when its connection has room, so that a slow neighbour gets
 *       the latest state and never a queue of old ones.
 * </ul>
 *
 * <p>{@link dev.manul.bgp.rib.Decision} and {@link dev.manul.bgp.rib.ExportRules} are pure.
 */
package dev.manul.bgp.rib;
