package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import java.util.ArrayList;
import java.util.List;

/** A selector that sets have, with these sets. */
final class SetSelector extends Watch {

  final List<AddressSet> sets = new ArrayList<>(1);

  SetSelector(Selector selector) {
    super(selector);
  }
}
