package dev.manul.policy.meaning;

import java.util.OptionalInt;

/**
 * Which messages of ICMP or ICMPv6.
 *
 * @param type 0 to 254; empty for any
 * @param code 0 to 255; empty for any; only with a type
 */
public record IcmpMatch(OptionalInt type, OptionalInt code) {}
