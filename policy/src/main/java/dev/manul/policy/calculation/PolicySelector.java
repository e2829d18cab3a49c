package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import java.util.ArrayList;
import java.util.List;

/** A selector that policies have, with these policies. */
final class PolicySelector extends Watch {

  final List<KnownPolicy> policies = new ArrayList<>(1);

  PolicySelector(Selector selector) {
    super(selector);
  }
}
