package dev.manul.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** JSON Merge Patch (RFC 7386) on plain trees. */
final class MergePatch {
  private MergePatch() {}

  /** The target as the patch wants it; the given one stays as it is. */
  static Object apply(Object target, Object patch) {
    if (!(patch instanceof Map<?, ?> fields)) {
      return patch;
    }
    Map<Object, Object> merged =
        target instanceof Map<?, ?> map ? new LinkedHashMap<>(map) : new LinkedHashMap<>();
    fields.forEach(
        (name, value) -> {
          if (value == null) {
            merged.remove(name);
          } else {
            merged.put(name, apply(merged.get(name), value));
          }
        });
    return merged;
  }
}
