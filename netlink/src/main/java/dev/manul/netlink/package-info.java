/** rtnetlink and network namespaces from Java. */
package dev.manul.netlink;
