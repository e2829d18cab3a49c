package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.model.FlowExplanation.Half;
import dev.manul.model.FlowExplanation.Line;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RuleCounters;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.RulesException;
import dev.manul.policy.rendering.RenderedRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the rules of an explanation in the kernel. */
final class RuleReading {

  private static final Logger log = LoggerFactory.getLogger(RuleReading.class);

  private RuleReading() {}

  /** A half with the lines of its rule and what the kernel has counted for them. */
  static Half counted(
      FlowQuestion.Found found,
      Programs programs,
      Optional<Backend> backend,
      AddressFamily family) {
    if (found.rule().isEmpty()) {
      return found.half();
    }
    RenderedRule rule = found.rule().get();
    Map<String, RuleCounters> counters = new HashMap<>();
    backend.ifPresent(filter -> read(rule, programs, filter, family, counters));
    List<Line> lines = new ArrayList<>();
    for (RuleText text : rule.lines()) {
      RuleCounters counter = counters.get(text.hash(rule.chain()));
      lines.add(
          new Line(
              rule.first() + lines.size(),
              "-A " + rule.chain() + " " + text.text(),
              counter == null ? -1 : counter.packets(),
              counter == null ? -1 : counter.bytes()));
    }
    Half half = found.half();
    return new Half(
        half.direction(),
        half.address(),
        half.endpoint(),
        half.verdict(),
        half.decidedBy(),
        half.steps(),
        backend.map(Backend::toString).orElse(""),
        half.table(),
        half.chain(),
        half.endpointChain(),
        lines);
  }

  /** Of equal rules the first one counts: it takes the packets. */
  private static void read(
      RenderedRule rule,
      Programs programs,
      Backend backend,
      AddressFamily family,
      Map<String, RuleCounters> counters) {
    try {
      RuleCounters.readChain(programs, backend, family, rule.table(), rule.chain())
          .forEach(counter -> counters.putIfAbsent(counter.hash(), counter));
    } catch (RulesException e) { // not written yet: then there are no counters
      log.debug("event=counters_unreadable cause=\"{}\"", e.getMessage());
    }
  }
}
