package dev.manul.netlink;

import dev.manul.model.Prefix;

/**
 * What makes a route one and the same for the kernel: adding a second one with the same key is
 * EEXIST, replacing changes the first.
 *
 * @param destination the destination
 * @param table the table's number
 * @param metric the metric, 0 to 2^32 - 1
 * @param tos the type of service, 0 to 255; always 0 for IPv6
 */
public record RouteKey(Prefix destination, int table, long metric, int tos) {}
