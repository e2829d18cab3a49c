package dev.manul.policy.kernel;

import java.util.List;

/**
 * Our rules in a chain that is not ours, one of the kernel's own.
 *
 * @param chain such as {@code POSTROUTING}
 * @param first come before everybody's rules
 * @param last come after everybody's
 */
public record Hook(String chain, List<RuleText> first, List<RuleText> last) {

  public Hook {
    first = List.copyOf(first);
    last = List.copyOf(last);
  }
}
