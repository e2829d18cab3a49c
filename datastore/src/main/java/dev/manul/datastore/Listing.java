package dev.manul.datastore;

import dev.manul.model.Resource;
import java.util.List;

/**
 * A consistent list.
 *
 * @param items the resources, in the order of their keys
 * @param problems a line for each stored resource that cannot be read; it is not among the items
 *     unless an earlier good version is known
 */
public record Listing<R extends Resource>(List<R> items, List<String> problems) {
  public Listing {
    items = List.copyOf(items);
    problems = List.copyOf(problems);
  }
}
