/** What iptables and ipsets hold on a node, and the driver that makes it so. */
package dev.manul.policy;
