/**
 * A lab: the nodes of a topology file as network namespaces of one machine, an agent on each, and
 * pods attached to them the way the CNI plugin does.
 *
 * <p>Everything here happens in the kernel it runs on; who decides whether that is the host's or a
 * guest's is {@link dev.manul.e2e.Main}. All witness of what the kernel holds comes from iproute2,
 * tcpdump, fping and e2e/lab/pings.c, never from Manul's own libraries.
 */
package dev.manul.e2e.lab;
