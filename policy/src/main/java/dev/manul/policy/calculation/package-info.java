/**
 * From facts to what is to be enforced on this node: which sets of addresses there are, which
 * policies are in use and which of them are asked for each endpoint. Pure and incremental: the work
 * for a fact grows with what it touches, and is told as a {@link
 * dev.manul.policy.calculation.Changes}.
 */
package dev.manul.policy.calculation;
