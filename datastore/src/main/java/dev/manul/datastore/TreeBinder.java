package dev.manul.datastore;

import dev.manul.model.Address;
import dev.manul.model.GoDuration;
import dev.manul.model.IntOrString;
import dev.manul.model.IntSequence;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.OrdinalNumbers;
import dev.manul.model.Prefix;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes records of plain trees, strictly: every field of the tree must be known, and of the right
 * type. Null counts as absent.
 */
final class TreeBinder {

  /** Fields that documents may write as a number although they are text. */
  private static final Set<String> NUMBER_OR_TEXT = Set.of("protocol", "resourceVersion");

  private final Class<?> root;

  /** Takes the fields that are not known, by the path of their map; null when they are refused. */
  private final Map<String, Map<String, Object>> unknown;

  private TreeBinder(Class<?> root, Map<String, Map<String, Object>> unknown) {
    this.root = root;
    this.unknown = unknown;
  }

  /**
   * Makes a {@code type} of {@code tree}.
   *
   * @param path what the tree's place is called in messages, "" at the top
   * @throws FieldException when a field is unknown or of the wrong type
   */
  static <T> T bind(Class<T> type, Object tree, String path) {
    return type.cast(new TreeBinder(type, null).value(type, tree, path));
  }

  /**
   * Makes a {@code type} of a tree that may have fields which are not known.
   *
   * @param unknown takes them, by the path of the map they are in; those inside of lists are lost
   */
  static <T> T bind(Class<T> type, Object tree, Map<String, Map<String, Object>> unknown) {
    return type.cast(new TreeBinder(type, unknown).value(type, tree, ""));
  }

  private Object value(Type type, Object tree, String path) {
    if (type instanceof ParameterizedType parameterized) {
      return container(parameterized, tree, path);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == Object.class) {
      return tree;
    }
    if (raw == IntOrString.class) {
      return numberOrText(tree, path);
    }
    if (raw.isRecord() && raw != Prefix.class && raw != InterfaceAddress.class) {
      return record(raw, tree, path);
    }
    return scalar(raw, tree, path);
  }

  private Object record(Class<?> type, Object tree, String path) {
    Map<String, Object> map = map(tree, path);
    RecordShape shape = RecordShape.of(type);
    Object[] values = new Object[shape.size()];
    Map<String, Object> further = new TreeMap<>();
    map.forEach(
        (name, fieldTree) -> {
          RecordShape.Field field = shape.field(name);
          if (field != null) {
            if (fieldTree != null) {
              values[field.index()] = value(field.type(), fieldTree, join(path, name));
            }
          } else if (shape.furtherNames().contains(name)) {
            if (fieldTree != null) {
              further.put(name, fieldTree);
            }
          } else if (unknown != null && shape.takesUnknown()) {
            if (fieldTree != null) {
              further.put(name, fieldTree);
            }
          } else if (unknown != null) {
            if (fieldTree != null && path.indexOf('[') < 0) {
              unknown.computeIfAbsent(path, p -> new TreeMap<>()).put(name, fieldTree);
            }
          } else if (!shape.ignores(name) && !isIgnoredStatus(type, name)) {
            throw FieldNames.unknown(root, type, path, name);
          }
        });
    for (RecordShape.Field field : shape.fields().values()) {
      if (values[field.index()] == null) {
        values[field.index()] = absent(field.type());
      }
    }
    if (shape.further() != null) {
      values[shape.further().index()] = further;
    }
    try {
      return shape.make(values);
    } catch (IllegalArgumentException e) {
      throw new FieldException("field " + path + ": " + e.getMessage());
    }
  }

  /** Any kind may come with a status, also those of which nobody writes one. */
  private boolean isIgnoredStatus(Class<?> type, String name) {
    return type == root && name.equals("status");
  }

  private static Object absent(Type type) {
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    return type instanceof ParameterizedType p && p.getRawType() == Optional.class
        ? Optional.empty()
        : null;
  }

  private Object container(ParameterizedType type, Object tree, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return Optional.of(value(arguments[0], tree, path));
    }
    if (type.getRawType() == List.class) {
      if (!(tree instanceof List<?> items)) {
        throw wrong(path, tree, "a list");
      }
      List<Object> made = new ArrayList<>(items.size());
      for (int i = 0; i < items.size(); i++) {
        String place = path + "[" + i + "]";
        if (items.get(i) == null) {
          throw wrong(place, null, "a value");
        }
        made.add(value(arguments[0], items.get(i), place));
      }
      return made;
    }
    Map<String, Object> made = new LinkedHashMap<>();
    map(tree, path)
        .forEach(
            (name, item) -> {
              if (item == null && arguments[1] == String.class) {
                made.put(name, ""); // labels without a value
              } else if (item != null) {
                made.put(name, value(arguments[1], item, join(path, name)));
              }
            });
    return made;
  }

  private Object scalar(Class<?> type, Object tree, String path) {
    if (type == String.class) {
      return text(tree, path);
    }
    if (type == boolean.class || type == Boolean.class) {
      if (tree instanceof Boolean truth) {
        return truth;
      }
      throw wrong(path, tree, "true or false");
    }
    if (type == long.class || type == Long.class) {
      return number(tree, path, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == int.class || type == Integer.class) {
      return (int) number(tree, path, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == Double.class) {
      return decimal(tree, path);
    }
    if (type == IntSequence.class) {
      return sequence(tree, path);
    }
    if (type == OrdinalNumbers.class) {
      return ordinals(tree, path);
    }
    return parsed(type, tree, path);
  }

  private static Object parsed(Class<?> type, Object tree, String path) {
    if (!(tree instanceof String text)) {
      throw wrong(path, tree, wanted(type));
    }
    try {
      if (type == Prefix.class) {
        return Prefix.parse(text);
      }
      if (type == Address.class) {
        return Address.parse(text);
      }
      if (type == InterfaceAddress.class) {
        return InterfaceAddress.parse(text);
      }
      if (type == Duration.class) {
        return GoDuration.parse(text);
      }
    } catch (IllegalArgumentException e) {
      throw new FieldException("field " + path + ": " + e.getMessage());
    }
    for (Object constant : type.getEnumConstants()) {
      if (constant.toString().equals(text)) {
        return constant;
      }
    }
    throw wrong(path, tree, wanted(type));
  }

  private static String wanted(Class<?> type) {
    if (type == Prefix.class) {
      return "a prefix such as 10.244.0.0/16";
    }
    if (type == Address.class) {
      return "an address such as 10.1.5.10";
    }
    if (type == InterfaceAddress.class) {
      return "an address with its length such as 10.1.5.10/24";
    }
    if (type == Duration.class) {
      return "a duration such as 90s";
    }
    return FieldNames.oneOf(Arrays.stream(type.getEnumConstants()).map(Object::toString).toList());
  }

  private static String text(Object tree, String path) {
    if (tree instanceof String text) {
      return text;
    }
    String name = path.substring(path.lastIndexOf('.') + 1);
    if (tree instanceof Long number && NUMBER_OR_TEXT.contains(name)) {
      return number.toString();
    }
    throw wrong(
        path,
        tree,
        tree instanceof Map || tree instanceof List ? "text" : "text; put it in quotes");
  }

  private static long number(Object tree, String path, long least, long most) {
    if (tree instanceof Long number && number >= least && number <= most) {
      return number;
    }
    if (tree instanceof Long) {
      throw wrong(path, tree, "a whole number from " + least + " to " + most);
    }
    // AS numbers may be written as text, also in the dotted form of RFC 5396
    if (tree instanceof String text
        && path.toLowerCase(java.util.Locale.ROOT).endsWith("asnumber")) {
      return asNumber(text, path);
    }
    throw wrong(path, tree, "a whole number");
  }

  private static Object decimal(Object tree, String path) {
    return switch (tree) {
      case Long number -> (double) number;
      case Double number -> number;
      case null, default -> throw wrong(path, tree, "a number");
    };
  }

  private static IntOrString numberOrText(Object tree, String path) {
    return switch (tree) {
      case Long number -> new IntOrString(number.toString());
      case String text when !text.isEmpty() -> new IntOrString(text);
      case null, default -> throw wrong(path, tree, "a number or text");
    };
  }

  private static long asNumber(String text, String path) {
    try {
      int dot = text.indexOf('.');
      if (dot < 0) {
        return Long.parseLong(text);
      }
      long high = Long.parseLong(text.substring(0, dot));
      long low = Long.parseLong(text.substring(dot + 1));
      if (high >= 0 && high <= 0xffff && low >= 0 && low <= 0xffff) {
        return high << 16 | low;
      }
    } catch (NumberFormatException e) {
      // reported below like any other text
    }
    throw wrong(path, text, "an AS number such as 64512 or 0.64512");
  }

  private static IntSequence sequence(Object tree, String path) {
    if (tree instanceof IntSequence already) {
      return already;
    }
    if (!(tree instanceof List<?> items)) {
      throw wrong(path, tree, "a list of whole numbers");
    }
    int[] made = new int[items.size()];
    for (int i = 0; i < made.length; i++) {
      Object item = items.get(i);
      made[i] =
          item == null
              ? IntSequence.NONE
              : (int) number(item, path + "[" + i + "]", 0, Integer.MAX_VALUE);
    }
    return IntSequence.of(made);
  }

  private static OrdinalNumbers ordinals(Object tree, String path) {
    if (tree instanceof OrdinalNumbers already) {
      return already;
    }
    TreeMap<Integer, Long> sorted = new TreeMap<>();
    map(tree, path)
        .forEach(
            (key, number) -> {
              try {
                sorted.put(
                    Integer.valueOf(key),
                    number(number, join(path, key), Long.MIN_VALUE, Long.MAX_VALUE));
              } catch (NumberFormatException e) {
                throw new FieldException("field " + path + ": key \"" + key + "\" is no ordinal");
              }
            });
    int[] keys = new int[sorted.size()];
    long[] numbers = new long[sorted.size()];
    int at = 0;
    for (Map.Entry<Integer, Long> entry : sorted.entrySet()) {
      keys[at] = entry.getKey();
      numbers[at++] = entry.getValue();
    }
    return OrdinalNumbers.of(keys, numbers);
  }

  @SuppressWarnings("unchecked") // the readers make maps with text keys only
  static Map<String, Object> map(Object tree, String path) {
    if (tree instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw wrong(path, tree, "a map of fields");
  }

  static FieldException wrong(String path, Object tree, String wanted) {
    return new FieldException(
        (path.isEmpty() ? "" : "field " + path + ": ")
            + "got "
            + FieldNames.described(tree)
            + ", wanted "
            + wanted);
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
