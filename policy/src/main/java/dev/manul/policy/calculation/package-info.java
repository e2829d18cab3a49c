/**
 * From facts to what is to be enforced on this node: which sets of addresses there are, which
 * policies are in use and which of them are asked for each endpoint. Pure and incremental: the work
 * for a fact grows with what it touches, and is told as a {@link
 * dev.manul.policy.calculation.Changes}.
 *
 * <p>Here are no threads: one owner calls, and what it gets is immutable. Neither who is selected
 * by what nor the members of sets are kept; both follow from labels and addresses, before a change
 * and after it.
 */
package dev.manul.policy.calculation;
