package dev.manul.model;

import java.util.Collection;
import java.util.List;

/** The rules that resources must keep, beyond the types of their fields. */
public final class ResourceRules {
  private ResourceRules() {}

  /** What is wrong with a resource by itself; empty when nothing is. */
  public static List<Violation> validate(Resource resource) {
    return List.of();
  }

  /** What is wrong with replacing {@code stored} by {@code changed}: fields that may not change. */
  public static List<Violation> validateChange(Resource stored, Resource changed) {
    return List.of();
  }

  /**
   * What is wrong with a resource beside others: pools that overlap.
   *
   * @param others what is stored, of any kinds; an older version of the resource itself is ignored
   */
  public static List<Violation> validateAgainst(
      Resource resource, Collection<? extends Resource> others) {
    return List.of();
  }
}
