package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Annotations of one owner; a name goes without {@link #PREFIX}.
 *
 * @param owner for complaints, such as {@code pod}
 */
record Annotations(String owner, Map<String, String> values) {

  static final String PREFIX = "cni.projectcalico.org/";

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(PREFIX + name)).filter(text -> !text.isBlank());
  }

  /**
   * A JSON list.
   *
   * @throws CniException when it is none, or the reader refuses a part of it
   */
  <T> Optional<List<T>> read(String name, Function<String, T> reader) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.texts(text.get()).stream().map(reader).toList());
    } catch (IOException | IllegalArgumentException e) {
      throw new CniException(
          Code.INVALID_ANNOTATION,
          "annotation " + PREFIX + name + " of the " + owner + " is " + text.get(),
          e.getMessage());
    }
  }
}
