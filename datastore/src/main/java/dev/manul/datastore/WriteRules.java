package dev.manul.datastore;

import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.model.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What every datastore asks of a resource before it stores it. */
public final class WriteRules {
  private WriteRules() {}

  /**
   * Refuses a resource that breaks a rule of its kind.
   *
   * @throws InvalidResourceException with one line that names the resource, the field and the rule
   */
  public static void check(Resource resource) {
    List<Violation> violations = new ArrayList<>(ResourceRules.validate(resource));
    boolean namespaced = resource.kind().namespaced();
    if (namespaced && resource.metadata().namespace().isEmpty()) {
      violations.add(
          new Violation("metadata.namespace", "is missing; a " + resource.kind() + " needs one"));
    } else if (!namespaced && !resource.metadata().namespace().isEmpty()) {
      violations.add(
          new Violation(
              "metadata.namespace", resource.kind() + " is not namespaced; leave it out"));
    }
    refuse(resource, violations);
  }

  /** Refuses a change of a field that may not change. */
  public static void checkChange(Resource stored, Resource changed) {
    refuse(changed, ResourceRules.validateChange(stored, changed));
  }

  /** Whether resources of {@code kind} must be looked at beside one another. */
  public static boolean needsOthers(Kind<?> kind) {
    return kind.equals(IPPool.KIND);
  }

  /**
   * The kinds whose resources a resource must go with.
   *
   * @param isNew whether none of its key is stored
   */
  public static List<Kind<?>> neighbours(Kind<?> kind, boolean isNew) {
    if (!needsOthers(kind)) {
      return List.of();
    }
    return isNew ? List.of(kind, IPAMBlock.KIND) : List.of(kind);
  }

  /** Refuses a resource that does not go with others: resources of its {@link #neighbours}. */
  public static void checkAgainst(Resource resource, List<? extends Resource> others) {
    refuse(resource, ResourceRules.validateAgainst(resource, others));
  }

  private static void refuse(Resource resource, List<Violation> violations) {
    if (!violations.isEmpty()) {
      throw new InvalidResourceException(
          violations.stream()
              .map(Violation::toString)
              .collect(
                  Collectors.joining("; ", resource.kind() + " " + resource.key() + ": ", "")));
    }
  }
}
