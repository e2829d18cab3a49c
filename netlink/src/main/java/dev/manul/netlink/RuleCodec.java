package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/** Rules in messages: struct fib_rule_hdr and FRA_* of linux/fib_rules.h. */
final class RuleCodec {

  static final int RTM_NEWRULE = 32;
  static final int RTM_DELRULE = 33;
  static final int RTM_GETRULE = 34;

  private static final int FRA_DST = 1;
  private static final int FRA_SRC = 2;
  private static final int FRA_IIFNAME = 3;
  private static final int FRA_PRIORITY = 6;
  private static final int FRA_FWMARK = 10;
  private static final int FRA_TABLE = 15;
  private static final int FRA_FWMASK = 16;
  private static final int FRA_OIFNAME = 17;
  private static final int FRA_PROTOCOL = 21;
  private static final int FIB_RULE_INVERT = 2;
  private static final int FIB_RULE_HDR = 12;

  private RuleCodec() {}

  static void write(MessageWriter writer, Rule rule) {
    boolean smallTable = rule.table() >= 0 && rule.table() <= 255;
    writer.u8(Family.of(rule.family()));
    writer.u8(rule.to().map(Prefix::length).orElse(0));
    writer.u8(rule.from().map(Prefix::length).orElse(0));
    writer.u8(0);
    writer.u8(smallTable ? rule.table() : 0);
    writer.u16(0);
    writer.u8(rule.action());
    writer.u32(rule.inverted() ? FIB_RULE_INVERT : 0);
    writer.attributeU32(FRA_PRIORITY, (int) rule.priority());
    if (!smallTable) {
      writer.attributeU32(FRA_TABLE, rule.table());
    }
    rule.to().ifPresent(to -> writer.attributeAddress(FRA_DST, to.address()));
    rule.from().ifPresent(from -> writer.attributeAddress(FRA_SRC, from.address()));
    rule.mark().ifPresent(mark -> writer.attributeU32(FRA_FWMARK, mark));
    rule.markMask().ifPresent(mask -> writer.attributeU32(FRA_FWMASK, mask));
    rule.inputLink().ifPresent(name -> writer.attributeText(FRA_IIFNAME, name));
    rule.outputLink().ifPresent(name -> writer.attributeText(FRA_OIFNAME, name));
    if (rule.protocol() != 0) {
      writer.attributeU8(FRA_PROTOCOL, rule.protocol());
    }
  }

  static void writeSelection(MessageWriter writer, int family) {
    writer.u8(family);
    writer.u8(0);
    writer.u16(0);
    writer.u32(0);
    writer.u32(0);
  }

  /** Reads a rule from a message's body; null for a family other than IPv4 and IPv6. */
  static Rule read(ByteBuffer buffer, int from, int to, Attributes attributes) {
    if (to - from < FIB_RULE_HDR) {
      return null;
    }
    int family = buffer.get(from) & 0xff;
    if (family != Family.INET && family != Family.INET6) {
      return null;
    }
    int table = buffer.get(from + 4) & 0xff;
    long priority = 0;
    int protocol = 0;
    Address destination = null;
    Address source = null;
    OptionalInt mark = OptionalInt.empty();
    OptionalInt mask = OptionalInt.empty();
    Optional<String> input = Optional.empty();
    Optional<String> output = Optional.empty();
    attributes.over(from + FIB_RULE_HDR, to);
    while (attributes.next()) {
      switch (attributes.type()) {
        case FRA_DST -> destination = attributes.address();
        case FRA_SRC -> source = attributes.address();
        case FRA_PRIORITY -> priority = Integer.toUnsignedLong(attributes.u32());
        case FRA_TABLE -> table = attributes.u32();
        case FRA_FWMARK -> mark = OptionalInt.of(attributes.u32());
        case FRA_FWMASK -> mask = OptionalInt.of(attributes.u32());
        case FRA_IIFNAME -> input = Optional.of(attributes.text());
        case FRA_OIFNAME -> output = Optional.of(attributes.text());
        case FRA_PROTOCOL -> protocol = attributes.u8();
        default -> {}
      }
    }
    int toLength = buffer.get(from + 1) & 0xff;
    int fromLength = buffer.get(from + 2) & 0xff;
    return new Rule(
        family == Family.INET ? AddressFamily.IPV4 : AddressFamily.IPV6,
        priority,
        table,
        buffer.get(from + 7) & 0xff,
        prefix(family, source, fromLength),
        prefix(family, destination, toLength),
        mark,
        mask,
        input,
        output,
        (buffer.getInt(from + 8) & FIB_RULE_INVERT) != 0,
        protocol);
  }

  private static Optional<Prefix> prefix(int family, Address address, int length) {
    return length == 0 ? Optional.empty() : Optional.of(RouteCodec.prefix(family, address, length));
  }
}
