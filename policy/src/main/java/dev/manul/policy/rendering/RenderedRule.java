package dev.manul.policy.rendering;

import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import java.util.List;

/**
 * Lines of one chain that stand for one decision.
 *
 * @param first the number of the first of them; the first of a chain is 1
 */
public record RenderedRule(TableName table, String chain, int first, List<RuleText> lines) {
  public RenderedRule {
    lines = List.copyOf(lines);
  }
}
