package dev.manul.model;

import java.util.List;

/**
 * A kind of resource.
 *
 * @param name as in a document's {@code kind} field, such as {@code IPPool}
 * @param plural as in the API's paths, such as {@code ippools}
 * @param namespaced whether its resources live in namespaces
 * @param type the record that holds one
 * @param aliases other names that the command line accepts, lower-case
 */
public record Kind<R extends Resource>(
    String name, String plural, boolean namespaced, Class<R> type, List<String> aliases) {

  @Override
  public String toString() {
    return name;
  }
}
