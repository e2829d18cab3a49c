package dev.manul.policy;

import java.util.List;

/**
 * Our rules in a chain that is not ours, one of the kernel's own.
 *
 * @param chain such as {@code POSTROUTING}
 * @param first come before everybody's rules
 * @param last come after everybody's
 */
record Hook(String chain, List<Rule> first, List<Rule> last) {

  Hook {
    first = List.copyOf(first);
    last = List.copyOf(last);
  }
}
