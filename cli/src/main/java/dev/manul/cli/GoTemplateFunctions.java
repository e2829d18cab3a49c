package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The functions of {@link GoTemplate}s: Go's {@code and or not eq ne lt le gt ge len index print
 * printf println}, and calicoctl's {@code join} and {@code joinAndTruncate}.
 */
final class GoTemplateFunctions {
  static final List<String> NAMES =
      List.of(
          "and",
          "or",
          "not",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "len",
          "index",
          "print",
          "printf",
          "println",
          "join",
          "joinAndTruncate");

  private static final Pattern VERB = Pattern.compile("%([-+ 0]*\\d*(?:\\.\\d+)?)(.)");

  private GoTemplateFunctions() {}

  static Object call(String name, List<Object> arguments) {
    int least =
        switch (name) {
          case "eq", "ne", "lt", "le", "gt", "ge", "join" -> 2;
          case "joinAndTruncate" -> 3;
          case "print", "println" -> 0;
          default -> 1;
        };
    if (arguments.size() < least) {
      throw CommandFailure.usage(
          "go-template: " + name + " wants " + least + " arguments, and has " + arguments.size());
    }
    Object first = arguments.isEmpty() ? null : arguments.getFirst();
    return switch (name) {
      case "and" -> firstOrLast(false, arguments);
      case "or" -> firstOrLast(true, arguments);
      case "not" -> !truth(first);
      case "eq" -> arguments.stream().skip(1).anyMatch(other -> same(first, other));
      case "ne" -> !same(first, arguments.get(1));
      case "lt" -> order(first, arguments.get(1)) < 0;
      case "le" -> order(first, arguments.get(1)) <= 0;
      case "gt" -> order(first, arguments.get(1)) > 0;
      case "ge" -> order(first, arguments.get(1)) >= 0;
      case "len" -> length(first);
      case "index" -> index(first, arguments.subList(1, arguments.size()));
      case "print" -> arguments.stream().map(a -> text(a)).collect(Collectors.joining());
      case "println" ->
          arguments.stream().map(a -> text(a)).collect(Collectors.joining(" ")) + "\n";
      case "printf" -> formatted(text(first), arguments.subList(1, arguments.size()));
      case "join" -> joined(first, arguments.get(1));
      default -> {
        String all = joined(first, arguments.get(1));
        int most = (int) number(name, arguments.get(2));
        yield all.length() <= most ? all : all.substring(0, Math.max(0, most - 3)) + "...";
      }
    };
  }

  /** The first that is as true as asked for, else the last. */
  private static Object firstOrLast(boolean truth, List<Object> arguments) {
    for (Object argument : arguments) {
      if (truth(argument) == truth) {
        return argument;
      }
    }
    return arguments.getLast();
  }

  /** Whether Go takes it for true: it is not nothing, zero, false or empty. */
  static boolean truth(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean truth -> truth;
      case Number number -> number.doubleValue() != 0;
      case String text -> !text.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  /** A value as Go prints it. */
  static String text(Object value) {
    return switch (value) {
      case null -> "<no value>";
      case List<?> list ->
          list.stream().map(a -> text(a)).collect(Collectors.joining(" ", "[", "]"));
      case Map<?, ?> map ->
          new TreeMap<>(map)
              .entrySet().stream()
                  .map(entry -> entry.getKey() + ":" + text(entry.getValue()))
                  .collect(Collectors.joining(" ", "map[", "]"));
      default -> String.valueOf(value);
    };
  }

  private static boolean same(Object a, Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return x.doubleValue() == y.doubleValue();
    }
    return Objects.equals(a, b);
  }

  private static int order(Object a, Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (a instanceof String x && b instanceof String y) {
      return x.compareTo(y);
    }
    throw CommandFailure.failed(
        "go-template: " + text(a) + " and " + text(b) + " are not of one sort, to be compared");
  }

  private static long length(Object value) {
    return switch (value) {
      case String text -> text.length();
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case null, default ->
          throw CommandFailure.failed("go-template: " + text(value) + " has no len");
    };
  }

  private static Object index(Object value, List<Object> places) {
    Object found = value;
    for (Object place : places) {
      found =
          switch (found) {
            case null -> null;
            case Map<?, ?> map -> map.get(text(place));
            case List<?> list -> {
              long number = number("index", place);
              if (number < 0 || number >= list.size()) {
                throw CommandFailure.failed(
                    "go-template: index " + number + " is not within a list of " + list.size());
              }
              yield list.get((int) number);
            }
            default ->
                throw CommandFailure.failed("go-template: " + text(found) + " cannot be indexed");
          };
    }
    return found;
  }

  private static long number(String function, Object value) {
    if (value instanceof Number number) {
      return number.longValue();
    }
    throw CommandFailure.failed("go-template: " + function + " wants a number, not " + text(value));
  }

  private static String joined(Object list, Object separator) {
    if (list == null) {
      return "";
    }
    if (!(list instanceof List<?> items)) {
      throw CommandFailure.failed("go-template: join wants a list, not " + text(list));
    }
    return items.stream().map(a -> text(a)).collect(Collectors.joining(text(separator)));
  }

  private static String formatted(String format, List<Object> arguments) {
    List<Object> left = new ArrayList<>(arguments);
    Matcher verbs = VERB.matcher(format);
    StringBuilder text = new StringBuilder();
    while (verbs.find()) {
      verbs.appendReplacement(text, Matcher.quoteReplacement(verb(verbs, left)));
    }
    return verbs.appendTail(text).toString();
  }

  private static String verb(Matcher verb, List<Object> left) {
    char letter = verb.group(2).charAt(0);
    if (letter == '%') {
      return "%";
    }
    if ("svdqtxf".indexOf(letter) < 0) {
      throw CommandFailure.usage(
          "go-template: printf has no %" + letter + "; it has %s, %v, %d, %q, %t, %x, %f and %%");
    }
    if (left.isEmpty()) {
      throw CommandFailure.usage("go-template: printf has fewer arguments than verbs");
    }
    Object value = left.removeFirst();
    String flags = verb.group(1);
    return switch (letter) {
      case 'd' -> String.format("%" + flags + "d", number("printf %d", value));
      case 'x' -> String.format("%" + flags + "x", number("printf %x", value));
      case 'f' ->
          String.format(
              "%" + flags + "f",
              value instanceof Number number ? number.doubleValue() : number("printf %f", value));
      default -> {
        String plain = letter == 'q' ? Json.compact(text(value)) : text(value);
        // Java pads texts with spaces alone
        yield String.format("%" + flags.replaceAll("^(-?)[+ 0]*", "$1") + "s", plain);
      }
    };
  }
}
