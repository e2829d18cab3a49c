package dev.manul.cli;

import dev.manul.model.Kind;
import dev.manul.model.Resource;
import dev.manul.model.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl explain}: what the fields of a kind mean. */
@Command(
    name = "explain",
    header = "Says what a field is for, its type, its default and the values it may have.",
    footer = {
      "",
      "It needs no datastore. Kinds whose definitions are Kubernetes' own are not explained.",
      "",
      "Examples:",
      "  manulctl explain ippool.spec.ipipMode",
      "  manulctl explain bgppeer --recursive"
    })
final class ExplainCommand implements Runnable {
  private static final int WIDTH = 96;

  private final Root root;

  @Parameters(
      paramLabel = "KIND[.FIELD...]",
      completionCandidates = KindNames.class,
      description = "The kind, and the path of a field in it.")
  String path;

  @Option(names = "--recursive", description = "Names all fields below as well.")
  boolean recursive;

  ExplainCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    List<String> names = Arrays.asList(path.split("\\.", -1));
    Kind<? extends Resource> kind = Stores.kind(names.getFirst());
    Definition definition = Definition.of(kind);
    List<String> walked = new ArrayList<>();
    boolean required = false;
    for (String name : names.subList(1, names.size())) {
      required = definition.requires(name);
      definition = child(kind, definition, walked, name.replace("[]", ""));
      walked.add(name);
    }
    root.terminal().out().print(text(kind, walked, definition, required));
  }

  private static Definition child(
      Kind<?> kind, Definition definition, List<String> walked, String name) {
    return definition
        .field(name)
        .orElseThrow(
            () -> {
              List<String> known = List.copyOf(definition.fields().keySet());
              String place = walked.isEmpty() ? "" : String.join(".", walked) + ".";
              String hint =
                  known.isEmpty()
                      ? "it has no fields"
                      : Spelling.nearest(name, known)
                          .map(near -> "did you mean " + place + near + "?")
                          .orElseGet(() -> "known here: " + String.join(", ", known));
              return CommandFailure.usage(kind + " has no field " + place + name + "; " + hint);
            });
  }

  private String text(Kind<?> kind, List<String> walked, Definition definition, boolean required) {
    StringBuilder text = new StringBuilder();
    text.append("KIND:     ").append(kind).append('\n');
    text.append("VERSION:  ").append(kind.apiVersion()).append('\n');
    if (!walked.isEmpty()) {
      text.append("FIELD:    ").append(String.join(".", walked));
      text.append(" <").append(definition.type()).append('>');
      text.append(required ? " (required)" : "").append('\n');
    }
    text.append("\nDESCRIPTION:\n");
    wrap(definition.description(), "  ", text);
    for (String fact : definition.facts()) {
      wrap(fact, "  ", text);
    }
    if (!definition.fields().isEmpty()) {
      text.append("\nFIELDS:\n");
      fields(definition, "  ", text);
    }
    return text.toString();
  }

  private void fields(Definition definition, String indent, StringBuilder text) {
    definition
        .fields()
        .forEach(
            (name, field) -> {
              text.append(indent).append(name).append(" <").append(field.type()).append('>');
              text.append(definition.requires(name) ? " (required)" : "").append('\n');
              if (recursive) {
                fields(field, indent + "  ", text);
              } else {
                wrap(field.description(), indent + "    ", text);
              }
            });
  }

  private static void wrap(String words, String indent, StringBuilder into) {
    if (words.isEmpty()) {
      return;
    }
    int column = 0;
    for (String word : words.split(" ", -1)) {
      if (column > 0 && column + 1 + word.length() > WIDTH) {
        into.append('\n');
        column = 0;
      }
      into.append(column == 0 ? indent : " ").append(word);
      column += (column == 0 ? indent.length() : 1) + word.length();
    }
    into.append('\n');
  }
}
