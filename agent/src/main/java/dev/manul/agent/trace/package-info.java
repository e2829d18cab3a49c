/**
 * The way of a packet through this node, hop by hop: {@link dev.manul.agent.trace.Tracing} gathers
 * what there is to be seen of the kernel, BGP and policy on the asker's thread; what that means is
 * worked out by pure functions of it.
 */
package dev.manul.agent.trace;
