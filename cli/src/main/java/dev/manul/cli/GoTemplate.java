package dev.manul.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A template of Go's {@code text/template}, as {@code -o go-template=} of calicoctl and kubectl
 * takes it: fields, variables, {@code range}, {@code if}, {@code with}, pipes and the functions of
 * {@link GoTemplateFunctions}; not {@code define}, {@code template}, {@code block}, {@code break}
 * and methods.
 *
 * <p>Fields are called as in documents, or as in Calico's own programs: {@code .metadata.name} and
 * {@code .ObjectMeta.Name}, {@code .spec.ipipMode} and {@code .Spec.IPIPMode}.
 */
final class GoTemplate {

  /** What a template is made of. */
  sealed interface Part {}

  record Text(String text) implements Part {}

  record Output(Pipeline pipeline) implements Part {}

  record If(Pipeline condition, List<Part> then, List<Part> otherwise) implements Part {}

  record With(Pipeline value, List<Part> then, List<Part> otherwise) implements Part {}

  /** The names of its variables, "" where there is none, are of the place and of the item. */
  record Range(String place, String item, Pipeline over, List<Part> each, List<Part> otherwise)
      implements Part {}

  /**
   * Commands of which each is given the value of the one before.
   *
   * @param variable what the last value is kept as, or "" for nothing
   */
  record Pipeline(String variable, List<List<Term>> commands) {}

  /** An operand, from which fields may be taken. */
  sealed interface Term {}

  record Literal(Object value) implements Term {}

  record Dot(List<String> fields) implements Term {}

  record Variable(String name, List<String> fields) implements Term {}

  record Group(Pipeline pipeline, List<String> fields) implements Term {}

  record Function(String name) implements Term {}

  /** Variables by name; an inner scope sees those around it. */
  private static final class Scope {
    private final Scope around;
    private final Map<String, Object> variables = new HashMap<>();

    Scope(Scope around) {
      this.around = around;
    }

    Object get(String name) {
      for (Scope scope = this; scope != null; scope = scope.around) {
        if (scope.variables.containsKey(name)) {
          return scope.variables.get(name);
        }
      }
      throw CommandFailure.usage("go-template: the variable " + name + " is not set");
    }
  }

  private final List<Part> parts;

  private GoTemplate(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Reads a template.
   *
   * @throws CommandFailure when it cannot be read
   */
  static GoTemplate read(String template) {
    return new GoTemplate(GoTemplateReader.read(template));
  }

  /** What the template makes of one resource or a list of them. */
  String render(Object tree) {
    StringBuilder text = new StringBuilder();
    Scope scope = new Scope(null);
    // A list of one, whose fields are the one's: calicoctl gives a list of lists, kubectl a list.
    Object dot = new Results(tree);
    scope.variables.put("$", dot);
    render(parts, dot, scope, text);
    return text.toString();
  }

  /** What a command has found. */
  private record Results(Object only) {}

  private static void render(List<Part> parts, Object dot, Scope scope, StringBuilder into) {
    for (Part part : parts) {
      switch (part) {
        case Text(String text) -> into.append(text);
        case Output(Pipeline pipeline) -> {
          Object value = value(pipeline, dot, scope);
          if (pipeline.variable().isEmpty()) {
            into.append(GoTemplateFunctions.text(plain(value)));
          }
        }
        case If(Pipeline condition, List<Part> then, List<Part> otherwise) -> {
          Scope inner = new Scope(scope);
          boolean holds = GoTemplateFunctions.truth(plain(value(condition, dot, inner)));
          render(holds ? then : otherwise, dot, inner, into);
        }
        case With(Pipeline wanted, List<Part> then, List<Part> otherwise) -> {
          Scope inner = new Scope(scope);
          Object value = value(wanted, dot, inner);
          boolean there = GoTemplateFunctions.truth(plain(value));
          render(there ? then : otherwise, there ? value : dot, inner, into);
        }
        case Range range -> range(range, dot, scope, into);
      }
    }
  }

  private static void range(Range range, Object dot, Scope scope, StringBuilder into) {
    Map<Object, Object> items = items(value(range.over(), dot, scope));
    if (items.isEmpty()) {
      render(range.otherwise(), dot, scope, into);
    }
    items.forEach(
        (place, item) -> {
          Scope inner = new Scope(scope);
          inner.variables.put(range.place(), place);
          inner.variables.put(range.item(), item);
          render(range.each(), item, inner, into);
        });
  }

  /** What is gone through: places and items of a list, keys and values of a map in their order. */
  private static Map<Object, Object> items(Object value) {
    Map<Object, Object> items = new LinkedHashMap<>();
    switch (value) {
      case null -> {}
      case Results(Object only) -> items.put(0L, only);
      case List<?> list -> list.forEach(item -> items.put((long) items.size(), item));
      case Map<?, ?> map -> items.putAll(new TreeMap<>(map));
      default ->
          throw CommandFailure.failed(
              "go-template: range cannot go through " + GoTemplateFunctions.text(value));
    }
    return items;
  }

  private static Object value(Pipeline pipeline, Object dot, Scope scope) {
    Object value = null;
    for (int i = 0; i < pipeline.commands().size(); i++) {
      value = value(pipeline.commands().get(i), i > 0, value, dot, scope);
    }
    if (!pipeline.variable().isEmpty()) {
      scope.variables.put(pipeline.variable(), value);
    }
    return value;
  }

  private static Object value(
      List<Term> command, boolean piped, Object before, Object dot, Scope scope) {
    if (!(command.getFirst() instanceof Function(String name))) {
      if (command.size() > 1 || piped) {
        throw CommandFailure.usage("go-template: only a function can be given arguments");
      }
      return value(command.getFirst(), dot, scope);
    }
    List<Object> arguments = new ArrayList<>();
    for (Term term : command.subList(1, command.size())) {
      arguments.add(plain(value(term, dot, scope)));
    }
    if (piped) {
      arguments.add(plain(before));
    }
    return GoTemplateFunctions.call(name, arguments);
  }

  private static Object value(Term term, Object dot, Scope scope) {
    return switch (term) {
      case Literal(Object value) -> value;
      case Dot(List<String> fields) -> fields(dot, fields);
      case Variable(String name, List<String> fields) -> fields(scope.get(name), fields);
      case Group(Pipeline pipeline, List<String> fields) ->
          fields(value(pipeline, dot, scope), fields);
      case Function(String name) -> GoTemplateFunctions.call(name, List.of());
    };
  }

  private static Object fields(Object value, List<String> fields) {
    Object found = value;
    for (String field : fields) {
      found = field(plain(found), field);
    }
    return found;
  }

  private static Object plain(Object value) {
    return value instanceof Results(Object only) ? only : value;
  }

  private static Object field(Object value, String name) {
    if (value == null) {
      return null;
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw CommandFailure.failed(
          "go-template: there is no field ." + name + " in " + GoTemplateFunctions.text(value));
    }
    if (map.containsKey(name)) {
      return map.get(name);
    }
    if (name.equals("TypeMeta")) {
      return map;
    }
    String called = name.equals("ObjectMeta") ? "metadata" : name;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (String.valueOf(entry.getKey()).equalsIgnoreCase(called)) {
        return entry.getValue();
      }
    }
    return null;
  }
}
