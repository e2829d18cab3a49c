package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** The rules of BGPFilter. */
final class BgpFilterRules {
  private static final long MAX_AS = 0xffff_ffffL;

  /** What a 32-bit route metric may be, less the highest, which stands for unreachable. */
  private static final long MAX_PRIORITY = 2147483646;

  private static final int MOST_OPERATIONS = 10;
  private static final int MOST_PREPENDED = 10;

  private BgpFilterRules() {}

  static void check(BGPFilter.Spec spec, FieldChecks checks) {
    check("spec.exportV4", spec.exportV4(), AddressFamily.IPV4, checks);
    check("spec.importV4", spec.importV4(), AddressFamily.IPV4, checks);
    check("spec.exportV6", spec.exportV6(), AddressFamily.IPV6, checks);
    check("spec.importV6", spec.importV6(), AddressFamily.IPV6, checks);
  }

  private static void check(
      String list, List<BGPFilter.Rule> rules, AddressFamily family, FieldChecks checks) {
    for (int i = 0; i < rules.size(); i++) {
      String field = list + "[" + i + "]";
      prefix(field, rules.get(i), family, checks);
      conditions(field, rules.get(i), checks);
      action(field, rules.get(i), checks);
    }
  }

  private static void prefix(
      String field, BGPFilter.Rule rule, AddressFamily family, FieldChecks checks) {
    checks.family(field + ".cidr", rule.cidr().map(Prefix::address), family);
    boolean operator = !rule.matchOperator().isEmpty();
    if (operator) {
      checks.oneOf(
          field + ".matchOperator",
          rule.matchOperator(),
          List.of("Equal", "NotEqual", "In", "NotIn"));
    }
    if (rule.cidr().isPresent() != operator) {
      checks.refuse(
          field + (operator ? ".cidr" : ".matchOperator"),
          "is missing; cidr and matchOperator go together");
    }
    if (rule.prefixLength().isPresent()) {
      BGPFilter.PrefixLength length = rule.prefixLength().get();
      if (rule.cidr().isEmpty()) {
        checks.refuse(field + ".prefixLength", "is allowed only with cidr");
      }
      checks.range(field + ".prefixLength.min", length.min(), 0, family.bits());
      checks.range(
          field + ".prefixLength.max", length.max(), length.min().orElse(0), family.bits());
    }
  }

  private static void conditions(String field, BGPFilter.Rule rule, FieldChecks checks) {
    if (!rule.source().isEmpty()) {
      checks.oneOf(field + ".source", rule.source(), List.of(BGPFilter.REMOTE_PEERS));
    }
    if (!rule.ofInterface().isEmpty() && !rule.ofInterface().matches("[a-zA-Z0-9_.*-]{1,15}")) {
      checks.refuse(
          field + ".interface",
          "got \""
              + rule.ofInterface()
              + "\", allowed are 1 to 15 letters, digits, underscores, dots, dashes and *");
    }
    if (!rule.peerType().isEmpty()) {
      checks.oneOf(field + ".peerType", rule.peerType(), List.of("eBGP", "iBGP"));
    }
    if (rule.communities().isPresent()) {
      List<String> values = rule.communities().get().values();
      if (values.size() != 1) {
        checks.refuse(
            field + ".communities.values", "got " + values.size() + " entries, allowed is 1");
      }
      for (int i = 0; i < values.size(); i++) {
        community(field + ".communities.values[" + i + "]", values.get(i), checks);
      }
    }
    asNumbers(field + ".asPathPrefix", rule.asPathPrefix(), checks);
    checks.range(field + ".priority", rule.priority(), 1, MAX_PRIORITY);
  }

  private static void action(String field, BGPFilter.Rule rule, FieldChecks checks) {
    checks.oneOf(field + ".action", rule.action(), List.of("Accept", "Reject"));
    if (rule.operations().isEmpty()) {
      return;
    }
    if (!rule.action().equals("Accept")) {
      checks.refuse(field + ".operations", "is allowed only with action Accept");
    }
    checks.count(field + ".operations", rule.operations(), MOST_OPERATIONS);
    for (int i = 0; i < rule.operations().size(); i++) {
      operation(field + ".operations[" + i + "]", rule.operations().get(i), checks);
    }
  }

  private static void operation(String field, BGPFilter.Operation operation, FieldChecks checks) {
    long said =
        List.of(operation.addCommunity(), operation.prependASPath(), operation.setPriority())
            .stream()
            .filter(Optional::isPresent)
            .count();
    if (said != 1) {
      checks.refuse(field, "needs one of addCommunity, prependASPath and setPriority");
    }
    operation
        .addCommunity()
        .ifPresent(added -> community(field + ".addCommunity.value", added.value(), checks));
    if (operation.prependASPath().isPresent()) {
      List<Long> prefix = operation.prependASPath().get().prefix();
      if (prefix.isEmpty()) {
        checks.refuse(field + ".prependASPath.prefix", "is missing");
      }
      checks.count(field + ".prependASPath.prefix", prefix, MOST_PREPENDED);
      asNumbers(field + ".prependASPath.prefix", prefix, checks);
    }
    operation
        .setPriority()
        .ifPresent(set -> checks.range(field + ".setPriority.value", set.value(), 1, MAX_PRIORITY));
  }

  private static void asNumbers(String field, List<Long> numbers, FieldChecks checks) {
    for (int i = 0; i < numbers.size(); i++) {
      checks.range(field + "[" + i + "]", numbers.get(i), 1, MAX_AS);
    }
  }

  private static void community(String field, String value, FieldChecks checks) {
    if (!BgpRules.isCommunity(value)) {
      checks.refuse(field, "got \"" + value + "\", wanted aa:nn or aa:nn:mm");
    }
  }
}
