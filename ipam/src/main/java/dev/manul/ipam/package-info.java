/**
 * Who has which pod address: pools are cut into blocks, blocks belong to nodes, addresses are given
 * out of blocks.
 *
 * <p>{@link dev.manul.ipam.Ipam} is the door. Behind it, the arithmetic of a block, the order in
 * which a node tries blocks, the choice of pools and the reports are pure functions of stored
 * resources; the protocol that keeps many writers apart is in few classes around them.
 *
 * <p><b>The protocol.</b> Every write is a compare-and-set on one object; a writer may die between
 * any two. What holds at every moment:
 *
 * <ol>
 *   <li>An address is allocated when its block says so, and only then. One block object per prefix
 *       exists, so no address is given twice.
 *   <li>A block belongs to the node that its {@code affinity} field names. A BlockAffinity is the
 *       sign that a claim or release is under way (pending, pendingDeletion) or done (confirmed);
 *       it never overrules the block.
 *   <li>An address in a block of the node that uses it needs no handle: whoever looks for it looks
 *       into the node's blocks. For addresses in other blocks, a handle counts at least those that
 *       the block holds for it. It is raised between the read and the write of the block, and
 *       lowered only to what a block holds after a write of that block: a writer whose raise was
 *       taken back finds its block changed and fails. A block that is taken from its node while it
 *       has allocations has all of them counted before.
 * </ol>
 *
 * <p><b>One process, many threads.</b> What threads of one process want of one node's blocks is
 * gathered by {@link dev.manul.ipam.GroupCommit}: one of them writes for all that wait.
 *
 * <p>A dead writer therefore leaves at worst a count too high, an affinity without a block or a
 * block without an affinity, and {@link dev.manul.ipam.Ipam#reclaim} puts those right while others
 * work on. Addresses whose user is gone are found by {@link dev.manul.ipam.Ipam#check}.
 *
 * <p><b>Garbage.</b> {@link dev.manul.ipam.GarbageCollector} runs in every process and works in the
 * one that holds the office. {@code LeakCalculation} is its pure part: from what looked leaked
 * before and what the watches tell now to what is to be released. {@code GarbageRelease} asks the
 * datastore once more about each and releases by sequence number and handle, so that a watch that
 * is behind, or two processes that both think they are in office, cost nobody an address.
 *
 * <p>All public types are immutable or safe for use by many threads.
 */
package dev.manul.ipam;
