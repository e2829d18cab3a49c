package dev.manul.policy.rendering;

import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What is asked about the packets of one endpoint in one direction, as a chain. */
final class EndpointChains {

  private static final String ESTABLISHED = "-m conntrack --ctstate RELATED,ESTABLISHED ";

  /**
   * After so many policies a packet that is decided may leave: a rule for each would make chains
   * nearly twice as long to write, none would have packets compared with all that follow.
   */
  private static final int STRIDE = 8;

  private static final String INVALID = "-m conntrack --ctstate INVALID ";

  private final PolicyOptions options;
  private final TableName table;
  private final Marks marks;
  private final Predicate<PolicyId> staged;
  private final List<RuleText> lines = new ArrayList<>();

  /**
   * @param table raw for what is not tracked, mangle for what comes before DNAT or after it
   * @param staged which policies are only counted
   */
  EndpointChains(PolicyOptions options, TableName table, Predicate<PolicyId> staged) {
    this.options = options;
    this.table = table;
    this.marks = options.marks();
    this.staged = staged;
  }

  /** Packets from or to a pod. */
  List<RuleText> pod(List<TierPlan> tiers, List<String> profiles, Direction direction) {
    tracked("-j ACCEPT");
    line(Marks.clear(marks.accept() | marks.pass()));
    if (direction == Direction.EGRESS) {
      if (!options.vxlanFromPods()) {
        line("-p udp -m udp --dport " + options.guardedVxlanPort() + " " + deny());
      }
      if (options.udpTunnelPort() != 0) {
        line("-p udp -m udp --dport " + options.udpTunnelPort() + " " + deny());
      }
      if (!options.ipipFromPods()) {
        line("-p 4 " + deny());
      }
    }
    boolean _ = tiers(tiers, direction, true);
    profiles(profiles, direction);
    return lines;
  }

  /** Packets from or to a host, by an interface. */
  List<RuleText> host(List<TierPlan> tiers, List<String> profiles, Direction direction) {
    tracked(table == TableName.FILTER ? "-j ACCEPT" : "-j RETURN");
    failsafe(direction);
    line(Marks.clear(marks.accept() | marks.pass()));
    boolean _ = tiers(tiers, direction, true);
    profiles(profiles, direction);
    return lines;
  }

  /** Packets that a host forwards: allowed unless there are policies about them. */
  List<RuleText> forwarded(List<TierPlan> tiers, Direction direction) {
    tracked("-j ACCEPT");
    line(Marks.clear(marks.accept() | marks.pass()));
    if (!tiers(tiers, direction, true)) {
      line(Marks.set(marks.accept()));
    }
    return lines;
  }

  /** Packets before connection tracking. */
  List<RuleText> untracked(List<TierPlan> tiers, Direction direction) {
    failsafe(direction);
    line(Marks.clear(marks.accept() | marks.pass()));
    boolean _ = tiers(tiers, direction, false);
    return lines;
  }

  /** Packets before DNAT. */
  List<RuleText> preDnat(List<TierPlan> tiers) {
    failsafe(Direction.INGRESS);
    line(Marks.clear(marks.accept() | marks.pass()));
    boolean _ = tiers(tiers, Direction.INGRESS, false);
    return lines;
  }

  /** Packets from or to nobody that we know well enough. */
  static List<RuleText> closed() {
    return List.of(new RuleText("-j DROP"));
  }

  private void tracked(String established) {
    line(ESTABLISHED + established);
    if (options.dropsInvalid()) {
      line(INVALID + "-j DROP");
    }
  }

  private void failsafe(Direction direction) {
    line(
        "-j "
            + (direction == Direction.INGRESS ? ChainNames.FAILSAFE_IN : ChainNames.FAILSAFE_OUT));
  }

  /**
   * Tiers in their order.
   *
   * @param ends whether the end of a tier decides
   * @return whether there is a policy that is not staged
   */
  private boolean tiers(List<TierPlan> tiers, Direction direction, boolean ends) {
    boolean any = false;
    boolean passed = false; // whether the mark may be set
    for (TierPlan tier : tiers) {
      if (passed) {
        line(Marks.clear(marks.pass()));
      }
      int enforced = 0;
      for (PolicyId policy : tier.policies()) {
        String jump = "-j " + ChainNames.policy(policy, direction);
        line(enforced == 0 ? jump : Marks.areNot(marks.accept() | marks.pass()) + " " + jump);
        if (!staged.test(policy)) {
          enforced++;
          if (enforced % STRIDE == 0) {
            allowed();
          }
        }
      }
      boolean enforces = enforced > 0;
      if (enforced % STRIDE != 0) {
        allowed();
      }
      if (ends && enforces && tier.defaultAction() == Action.DENY) {
        lines.add(endOfTier(options, table));
      }
      any |= enforces;
      passed |= enforces;
    }
    return any;
  }

  /** A packet that a policy has allowed is asked no more. */
  private void allowed() {
    if (table == TableName.RAW) {
      line(Marks.are(marks.accept()) + " -j CT --notrack");
    }
    line(Marks.are(marks.accept()) + " -j RETURN");
  }

  /** What drops a packet that no policy of a tier has decided about. */
  static RuleText endOfTier(PolicyOptions options, TableName table) {
    return new RuleText(Marks.areNot(options.marks().pass()) + " " + deny(options, table));
  }

  private void profiles(List<String> profiles, Direction direction) {
    for (String profile : profiles) {
      line("-j " + ChainNames.profile(profile, direction));
      line(Marks.are(marks.accept()) + " -j RETURN");
    }
    line(deny());
  }

  private String deny() {
    return deny(options, table);
  }

  /** What denies a packet: only the table filter can tell the sender. */
  static String deny(PolicyOptions options, TableName table) {
    return options.denial() == PolicyOptions.Denial.REJECT && table == TableName.FILTER
        ? "-j REJECT"
        : "-j DROP";
  }

  private void line(String text) {
    lines.add(new RuleText(text));
  }
}
