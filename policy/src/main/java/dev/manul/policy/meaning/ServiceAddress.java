package dev.manul.policy.meaning;

import dev.manul.model.Address;

/**
 * An address and port behind a service.
 *
 * @param protocol number of the IP protocol
 */
public record ServiceAddress(Address address, int protocol, int port) {}
