/**
 * What the kernel's packet filter and sets hold of ours, and the drivers that make it so.
 *
 * <p><b>Ownership.</b> Chains named {@code manul-…}, rules with the comment {@code manul:HASH},
 * sets named {@code mnl4-…} and {@code mnl6-…} are ours, and nothing else is written. The hash says
 * what a rule is, because iptables words it differently when it prints it; rules of ours in other
 * chains are deleted by their words and not by their number, which may be another's by then.
 */
package dev.manul.policy.kernel;
