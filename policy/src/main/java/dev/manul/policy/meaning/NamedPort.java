package dev.manul.policy.meaning;

/**
 * A port of an endpoint by its name.
 *
 * @param protocol number of the IP protocol: TCP (6), UDP (17) or SCTP (132)
 * @param port 1 to 65535
 */
public record NamedPort(String name, int protocol, int port) {}
