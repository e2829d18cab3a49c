package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to be of ours in the tables. Asked chain by chain, and again when something has to
 * be repaired, so that nobody has to keep the text of all rules.
 */
public interface DesiredRules {

  /** The names of our chains in a table. */
  Set<String> chains(AddressFamily family, TableName table);

  /** The rules of a chain of ours; empty when it is not to be there. */
  Optional<List<RuleText>> chain(AddressFamily family, TableName table, String name);

  /** Our rules in chains that are not ours. */
  List<Hook> hooks(AddressFamily family, TableName table);
}
