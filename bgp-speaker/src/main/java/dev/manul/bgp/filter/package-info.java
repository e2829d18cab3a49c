/**
 * Route filters: which routes pass between the RIB and a neighbour, and what is changed of them on
 * the way.
 *
 * <p>All values are immutable; matching is pure. {@link dev.manul.bgp.filter.FilterRun} alone keeps
 * something, and belongs to one thread.
 */
package dev.manul.bgp.filter;
