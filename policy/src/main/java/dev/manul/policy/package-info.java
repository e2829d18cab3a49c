/**
 * What the kernel's packet filter holds of ours, and the driver that makes it so.
 *
 * <p><b>The way through.</b> {@link dev.manul.policy.NetworkPolicies} takes facts, pools and nodes'
 * addresses. {@code PolicyKeeper} leads facts through {@code calculation} and {@code rendering}
 * into {@code kernel}: {@code KernelSets} over netlink, {@code FamilyTables} by an {@code
 * iptables-restore} that stays. {@code NatRules}, a pure function, says what pools ask of the table
 * nat, and the same drivers write it. Sets are filled before rules that use them, and emptied
 * after.
 *
 * <p><b>Threads.</b> {@code policy} owns all that changes. Other threads leave inputs, of which the
 * latest counts, and read immutable snapshots.
 *
 * <p><b>Ownership.</b> Chains named {@code manul-…}, rules with the comment {@code manul:HASH},
 * sets named {@code mnl4-…} and {@code mnl6-…} are ours, and nothing else is written. The hash says
 * what a rule is, because iptables words it differently when it prints it; rules of ours in other
 * chains are deleted by their words and not by their number, which may be another's by then.
 *
 * <p><b>Invariants.</b>
 *
 * <ul>
 *   <li>Nothing is written before the first input, nor when all is right: a restart writes nothing.
 *   <li>A table changes in one step; no packet meets a half of it.
 *   <li>What others have changed is found by reading, every 90 to 180 s, and put back.
 *   <li>What fails is tried again after 0.1 s, doubling up to 30 s.
 *   <li>Closing leaves the kernel as it is.
 * </ul>
 */
package dev.manul.policy;
