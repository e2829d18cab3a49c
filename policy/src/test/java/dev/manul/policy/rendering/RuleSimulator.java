package dev.manul.policy.rendering;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.DesiredRules;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Executes our rules for a packet, as the kernel would. */
public final class RuleSimulator {

  /** What becomes of a packet: the rules of others are asked about what none of ours decides. */
  public enum Verdict {
    ACCEPT,
    DROP,
    NONE
  }

  /**
   * What became of a packet.
   *
   * @param marked whether it bears the mark of what policy has allowed
   * @param path the rules that matched, in order, as {@code TABLE CHAIN NUMBER: TEXT}
   * @param logged how many lines were written to the log
   */
  public record Outcome(
      Verdict verdict, boolean marked, List<String> path, int logged, boolean tracked) {

    /** Whether it gets through where nobody but us denies. */
    public boolean passes() {
      return verdict != Verdict.DROP;
    }
  }

  private final DesiredRules rules;
  private final int accept;
  private final Map<String, Condition> read = new HashMap<>();

  /** By their names; sets that say the same in other words have one name. */
  private final Map<String, Map<SetId, Collection<Member>>> sets = new HashMap<>();

  public RuleSimulator(DesiredRules rules, Marks marks) {
    this.rules = rules;
    this.accept = marks.accept();
  }

  /** Says what is in a set. */
  public void set(SetId id, Collection<Member> members) {
    var _ = sets.computeIfAbsent(SetNames.label(id), _ -> new HashMap<>()).put(id, members);
  }

  public void setGone(SetId id) {
    sets.computeIfPresent(
        SetNames.label(id),
        (_, same) -> {
          var _ = same.remove(id);
          return same.isEmpty() ? null : same;
        });
  }

  /** A packet that comes in, is forwarded or goes out, whichever its interfaces say. */
  public Outcome run(SimulatedPacket packet) {
    var run = new Run(packet);
    if (packet.in().isEmpty()) {
      run.base(TableName.RAW, "OUTPUT");
      run.base(TableName.FILTER, "OUTPUT");
      run.base(TableName.MANGLE, "POSTROUTING");
    } else {
      run.base(TableName.RAW, "PREROUTING");
      run.base(TableName.MANGLE, "PREROUTING");
      if (packet.out().isEmpty()) {
        run.base(TableName.FILTER, "INPUT");
      } else {
        run.base(TableName.FILTER, "FORWARD");
        run.base(TableName.MANGLE, "POSTROUTING");
      }
    }
    return run.outcome();
  }

  /** Only our part of one chain. */
  public Outcome chain(SimulatedPacket packet, TableName table, String chain) {
    var run = new Run(packet);
    run.mark = 0;
    Optional<Verdict> verdict = run.call(table, chain);
    verdict.ifPresent(v -> run.verdict = v);
    return run.outcome();
  }

  private final class Run implements Condition.World {
    private final SimulatedPacket packet;
    private final List<String> path = new ArrayList<>();
    private Verdict verdict = Verdict.NONE;
    private String state;
    private int mark = -1; // whoever sent it may have left anything
    private int logged;

    Run(SimulatedPacket packet) {
      this.packet = packet;
      this.state = packet.state();
    }

    Outcome outcome() {
      boolean marked = (mark & accept) != 0;
      return new Outcome(verdict, marked, path, logged, !state.equals("UNTRACKED"));
    }

    void base(TableName table, String chain) {
      if (verdict == Verdict.DROP) {
        return;
      }
      Optional<Verdict> decided = Optional.empty();
      for (Hook hook : rules.hooks(packet.family(), table)) {
        if (hook.chain().equals(chain)) {
          decided = rules(table, chain, hook.first());
          if (decided.isEmpty()) {
            decided = rules(table, chain, hook.last());
          }
        }
      }
      // What a table accepts the next is asked about; only the filter's acceptance is one.
      if (decided.isPresent() && (decided.get() == Verdict.DROP || table == TableName.FILTER)) {
        verdict = decided.get();
      }
    }

    Optional<Verdict> call(TableName table, String chain) {
      List<RuleText> lines =
          RuleSimulator.this
              .rules
              .chain(packet.family(), table, chain)
              .orElseThrow(
                  () -> new AssertionError("no chain " + chain + " in " + table + ": " + path));
      return rules(table, chain, lines);
    }

    private Optional<Verdict> rules(TableName table, String chain, List<RuleText> lines) {
      for (int i = 0; i < lines.size(); i++) {
        String text = lines.get(i).text();
        Condition condition = read.computeIfAbsent(text, Condition::new);
        if (!condition.holds(packet, this)) {
          continue;
        }
        path.add("%s %s %d: %s".formatted(table, chain, i + 1, text));
        if (condition.target.isEmpty()) {
          continue;
        }
        boolean goes = condition.target.getFirst().equals("-g");
        String target = condition.target.get(1);
        switch (target) {
          case "ACCEPT" -> {
            return Optional.of(Verdict.ACCEPT);
          }
          case "DROP", "REJECT" -> {
            return Optional.of(Verdict.DROP);
          }
          case "RETURN" -> {
            return Optional.empty();
          }
          case "LOG" -> logged++;
          case "CT" -> state = "UNTRACKED";
          case "MARK" -> {
            String[] parts = condition.target.get(3).split("/", 2);
            mark = (mark & ~Long.decode(parts[1]).intValue()) ^ Long.decode(parts[0]).intValue();
          }
          default -> {
            Optional<Verdict> decided = call(table, target);
            if (goes || decided.isPresent()) {
              return decided;
            }
          }
        }
      }
      return Optional.empty();
    }

    @Override
    public int mark() {
      return mark;
    }

    @Override
    public String state() {
      return state;
    }

    @Override
    public boolean contains(String set, SimulatedPacket about, boolean source) {
      String prefix = about.family() == AddressFamily.IPV4 ? "mnl4-" : "mnl6-";
      Map<SetId, Collection<Member>> same =
          set.startsWith(prefix) ? sets.get(set.substring(prefix.length())) : null;
      if (same == null) {
        throw new AssertionError("no set " + set);
      }
      Collection<Member> members = same.values().iterator().next();
      Address address = source ? about.source() : about.destination();
      int port = source ? about.sourcePort() : about.destinationPort();
      for (Member member : members) {
        boolean is =
            switch (member) {
              case Member.Net(var net) -> net.contains(address);
              case Member.Port(var its, int protocol, int number) ->
                  its.equals(address) && protocol == about.protocol() && number == port;
            };
        if (is) {
          return true;
        }
      }
      return false;
    }
  }
}
