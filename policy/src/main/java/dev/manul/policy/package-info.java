/**
 * What the kernel's packet filter holds of ours, and the driver that makes it so.
 *
 * <p><b>The way through.</b> {@link dev.manul.policy.NatOutgoing} takes in the pools. {@code
 * NatRules}, a pure function, makes a {@code Ruleset} of them: tables with chains of rules, and
 * sets. {@code TableDriver} reads with {@code iptables-save}, {@code TableDiff}, pure again, says
 * what differs, and one {@code iptables-restore --noflush} writes it; {@code IpSetDriver} does the
 * like for sets. {@code RulesKeeper} puts these in order: sets are filled before rules that use
 * them, and emptied after.
 *
 * <p><b>Policy.</b> {@link dev.manul.policy.NetworkPolicies} takes facts. {@code PolicyKeeper}
 * leads them through {@code calculation} and {@code rendering} into {@code kernel}: {@code
 * KernelSets} over netlink, {@code FamilyTables} by an {@code iptables-restore} that stays. It
 * masquerades as well, and is the only driver of a node that has it: it and {@code NatOutgoing},
 * which is for nodes without policy, would each take the other's rules for leftovers.
 *
 * <p><b>Threads.</b> {@code policy} owns all that network policy changes, {@code nat} all that
 * masquerading alone does. Other threads leave inputs, of which the latest counts, and read
 * immutable snapshots.
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
