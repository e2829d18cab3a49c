/**
 * The server side of the CNI plugin: it wires pods.
 *
 * <p><b>Purpose.</b> The program that container runtimes call is tiny and only hands its
 * environment and its standard input to {@link dev.manul.cni.CniServer} over a Unix socket. The
 * server does what the CNI specification 1.1 asks of a plugin: it takes addresses from {@code
 * Ipam}, makes the pod's link by netlink, and tells the datastore of it.
 *
 * <p><b>Files.</b> Every attachment of a container has a file from before the first until after the
 * last thing is done for it. What a crash leaves unfinished is found by these files when the server
 * starts again, and undone; what cannot be undone because the datastore is away waits in them.
 *
 * <p><b>Threads.</b>
 *
 * <ul>
 *   <li>{@code cni-worker-N} take a connection each at a time and serve its request, from its first
 *       byte to its last. Two requests for one container, or for one device, never run at once.
 *   <li>{@code cni-side-N} do what a worker lets be done beside its own work: addresses, the
 *       endpoint in the datastore, the pod's end of the link.
 *   <li>{@code netns} threads enter a pod's namespace and end with their task.
 *   <li>{@code cni-upkeep} works through the queue of deletions and the releases that had to wait.
 * </ul>
 *
 * <p>{@code Attachment}s are immutable; the store of them is safe for use by many threads. Host
 * sockets are lent to one thread at a time.
 */
package dev.manul.cni;
