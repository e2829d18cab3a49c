/**
 * manul-agent: configuration, start-up, wiring, health and the control socket.
 *
 * <p>Nothing is computed here that another room computes: events come in from the datastore, the
 * speaker and the kernel, pure functions ({@link dev.manul.agent.Peering}, {@link
 * dev.manul.agent.NodeViews}) turn the newest state into what the speaker and the route programmer
 * are to do, and those two make it so by diff.
 *
 * <p>Threads: {@code agent} owns {@link dev.manul.agent.ClusterState} and all decisions; it never
 * blocks. {@code registrar} does the agent's own writes to the datastore. Watches, the speaker and
 * the route programmer have threads of their own and only post to {@code agent}.
 */
package dev.manul.agent;
