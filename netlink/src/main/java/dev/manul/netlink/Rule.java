package dev.manul.netlink;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A rule of policy routing: which packets look in which table.
 *
 * @param family the family of the packets
 * @param priority the place among the rules, 0 to 2^32 - 1; lower is first
 * @param table the table to look in, used when {@code action} is {@link #TO_TABLE}
 * @param action FR_ACT_* of linux/fib_rules.h
 * @param from packets from here, empty for all
 * @param to packets to here, empty for all
 * @param mark packets with this firewall mark
 * @param markMask the bits of the mark that are looked at
 * @param inputLink packets that came in by the link of this name
 * @param outputLink packets of a socket bound to the link of this name
 * @param inverted whether the rule is for the packets that do not match
 * @param protocol who installed it, as with routes
 */
public record Rule(
    AddressFamily family,
    long priority,
    int table,
    int action,
    Optional<Prefix> from,
    Optional<Prefix> to,
    OptionalInt mark,
    OptionalInt markMask,
    Optional<String> inputLink,
    Optional<String> outputLink,
    boolean inverted,
    int protocol) {

  /** FR_ACT_TO_TBL: look in the table. */
  public static final int TO_TABLE = 1;

  /** FR_ACT_BLACKHOLE: drop. */
  public static final int BLACKHOLE = 6;

  /** FR_ACT_UNREACHABLE: refuse. */
  public static final int UNREACHABLE = 7;

  /** FR_ACT_PROHIBIT: refuse. */
  public static final int PROHIBIT = 8;

  public Rule {
    if (priority < 0 || priority > 0xffff_ffffL) {
      throw new IllegalArgumentException(
          "a rule's priority of " + priority + " is not within 0 to 4294967295");
    }
    if (protocol < 0 || protocol > 255) {
      throw new IllegalArgumentException(
          "a rule's protocol of " + protocol + " is not within 0 to 255");
    }
  }

  /** All packets of a family look in a table. */
  public static Rule lookup(AddressFamily family, long priority, int table) {
    return new Rule(
        family,
        priority,
        table,
        TO_TABLE,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Route.BOOT_PROTOCOL);
  }

  public Rule withFrom(Prefix prefix) {
    return new Rule(
        family,
        priority,
        table,
        action,
        Optional.of(prefix),
        to,
        mark,
        markMask,
        inputLink,
        outputLink,
        inverted,
        protocol);
  }

  public Rule withTo(Prefix prefix) {
    return new Rule(
        family,
        priority,
        table,
        action,
        from,
        Optional.of(prefix),
        mark,
        markMask,
        inputLink,
        outputLink,
        inverted,
        protocol);
  }

  /** With a firewall mark, and the bits of it that are looked at. */
  public Rule withMark(int newMark, int newMask) {
    return new Rule(
        family,
        priority,
        table,
        action,
        from,
        to,
        OptionalInt.of(newMark),
        OptionalInt.of(newMask),
        inputLink,
        outputLink,
        inverted,
        protocol);
  }

  public Rule withProtocol(int newProtocol) {
    return new Rule(
        family,
        priority,
        table,
        action,
        from,
        to,
        mark,
        markMask,
        inputLink,
        outputLink,
        inverted,
        newProtocol);
  }
}
