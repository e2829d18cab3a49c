package dev.manul.datastore;

import dev.manul.model.Spelling;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What messages say about fields: what they are near to, and what they have. */
final class FieldNames {
  private FieldNames() {}

  /** Field {@code name} in the map at {@code path}, which is a {@code type}, is none. */
  static FieldException unknown(Class<?> root, Class<?> type, String path, String name) {
    List<String> here = new ArrayList<>(RecordShape.of(type).fields().keySet());
    here.addAll(RecordShape.of(type).furtherNames());
    String nearest = Spelling.nearest(name, here).orElse(null);
    String place = TreeBinder.join(path, name);
    List<String> elsewhere = new ArrayList<>();
    collect(root, "", name, elsewhere, 0);
    String hint;
    // a name that is right elsewhere was more likely misplaced than misspelt
    if (nearest != null && (elsewhere.isEmpty() || nearest.equalsIgnoreCase(name))) {
      hint = "did you mean " + TreeBinder.join(path, nearest) + "?";
    } else if (!elsewhere.isEmpty()) {
      hint = "it belongs at " + String.join(" or ", elsewhere);
    } else {
      hint = "known here: " + abbreviated(here);
    }
    return new FieldException("field " + place + " is not known; " + hint);
  }

  private static String abbreviated(List<String> names) {
    return names.size() <= 24
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 24)) + ", \u2026";
  }

  /** Where in a {@code root} a field called {@code name} would be right. */
  private static void collect(Type type, String path, String name, List<String> found, int depth) {
    if (depth > 6) {
      return;
    }
    if (type instanceof ParameterizedType parameterized) {
      Type[] arguments = parameterized.getActualTypeArguments();
      boolean list = parameterized.getRawType() == List.class;
      if (parameterized.getRawType() != Map.class) {
        collect(arguments[0], list ? path + "[]" : path, name, found, depth + 1);
      }
    } else if (type instanceof Class<?> raw && raw.isRecord()) {
      RecordShape shape = RecordShape.of(raw);
      if (shape.furtherNames().contains(name)) {
        found.add(TreeBinder.join(path, name));
      }
      for (Map.Entry<String, RecordShape.Field> field : shape.fields().entrySet()) {
        String place = TreeBinder.join(path, field.getKey());
        if (field.getKey().equalsIgnoreCase(name)) {
          found.add(place);
        }
        collect(field.getValue().type(), place, name, found, depth + 1);
      }
    }
  }

  /** {@code a, b or c}. */
  static String oneOf(List<String> allowed) {
    int last = allowed.size() - 1;
    return last < 1
        ? String.join("", allowed)
        : String.join(", ", allowed.subList(0, last)) + " or " + allowed.get(last);
  }

  /** A tree as a message names it. */
  static String described(Object tree) {
    return switch (tree) {
      case null -> "nothing";
      case String text ->
          "\"" + (text.length() > 80 ? text.substring(0, 80) + "\u2026" : text) + "\"";
      case Map<?, ?> map -> "a map";
      case List<?> list -> "a list";
      default -> tree.toString();
    };
  }
}
