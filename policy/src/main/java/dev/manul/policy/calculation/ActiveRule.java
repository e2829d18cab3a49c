package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Rule;
import java.util.List;
import java.util.function.Consumer;

/**
 * A rule with the sets that stand for its selectors, named ports and services.
 *
 * @param rule what the sets leave: nets, numbered ports, protocol and all else are as there
 */
public record ActiveRule(Rule rule, Sets source, Sets destination) {

  /**
   * Sets of one end of a packet.
   *
   * @param in the address (or address and port) is in each of them; a selector whose named ports
   *     are the only ports has no set here, as theirs are of what it selects
   * @param notIn the address is in none of them
   * @param namedPorts the address and port are in one of them, or the port is in the rule's
   *     numbered ports
   * @param notNamedPorts the address and port are in none of them
   */
  public record Sets(
      List<SetId> in, List<SetId> notIn, List<SetId> namedPorts, List<SetId> notNamedPorts) {

    /** None. */
    public static final Sets NONE = new Sets(List.of(), List.of(), List.of(), List.of());

    public Sets {
      in = List.copyOf(in);
      notIn = List.copyOf(notIn);
      namedPorts = List.copyOf(namedPorts);
      notNamedPorts = List.copyOf(notNamedPorts);
    }
  }

  /** Names each set that either end is matched against. */
  public void forEachSet(Consumer<SetId> each) {
    for (Sets sets : List.of(source, destination)) {
      sets.in().forEach(each);
      sets.notIn().forEach(each);
      sets.namedPorts().forEach(each);
      sets.notNamedPorts().forEach(each);
    }
  }
}
