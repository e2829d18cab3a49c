package dev.manul.policy.calculation;

import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Who has an address. Mostly that is one endpoint, so a list is made only for more. What two
 * endpoints have stays a member of a set until neither of them is selected.
 */
final class AddressOwners {

  private static final class Several {
    private final List<KnownEndpoint> owners = new ArrayList<>(2);
  }

  private final Map<Prefix, Object> owners = new HashMap<>();

  void add(KnownEndpoint owner, Prefix[] addresses) {
    for (Prefix prefix : addresses) {
      switch (owners.get(prefix)) {
        case null -> owners.put(prefix, owner);
        case Several several -> several.owners.add(owner);
        case Object other -> {
          var several = new Several();
          several.owners.add((KnownEndpoint) other);
          several.owners.add(owner);
          owners.put(prefix, several);
        }
      }
    }
  }

  void remove(KnownEndpoint owner, Prefix[] addresses) {
    for (Prefix prefix : addresses) {
      if (owners.get(prefix) instanceof Several several) {
        several.owners.remove(owner);
        if (several.owners.size() == 1) {
          owners.put(prefix, several.owners.getFirst());
        }
      } else {
        owners.remove(prefix);
      }
    }
  }

  boolean isEmpty() {
    return owners.isEmpty();
  }

  /** Whether somebody else has an address and is as asked. */
  boolean anyOther(Prefix prefix, KnownEndpoint than, Predicate<KnownEndpoint> predicate) {
    return switch (owners.get(prefix)) {
      case null -> false;
      case Several several ->
          several.owners.stream().anyMatch(owner -> !owner.equals(than) && predicate.test(owner));
      case Object owner -> !owner.equals(than) && predicate.test((KnownEndpoint) owner);
    };
  }
}
