package dev.manul.netlink;

import dev.manul.model.AddressFamily;

/**
 * A set that the kernel has.
 *
 * @param type as the kernel calls it, such as {@code hash:net}
 */
public record FoundSet(String name, String type, AddressFamily family) {}
