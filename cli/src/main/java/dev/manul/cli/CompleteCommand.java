package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.model.IPPool;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code manulctl __complete WORD... LAST}: what the last word may go on to, one a line. For
 * shells' completion, which asks it for names of resources, and for kubectl's, which asks it for
 * all.
 */
@Command(name = CompleteCommand.NAME, hidden = true)
final class CompleteCommand implements Runnable {
  static final String NAME = "__complete";

  /** Commands of which the words after the kind are names of resources. */
  private static final Set<String> NAMING = Set.of("get", "delete", "patch", "label");

  /** Options whose value is the next word. */
  private static final Set<String> TAKES_VALUE =
      Set.of(
          "-n",
          "--namespace",
          "-o",
          "--output",
          "-f",
          "--filename",
          "-p",
          "--patch",
          "-t",
          "--type");

  private final Root root;

  @Parameters(arity = "0..*")
  List<String> words = new ArrayList<>();

  CompleteCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    if (words.isEmpty()) {
      words.add("");
    }
    String last = words.getLast();
    Optional<String> kind = last.startsWith("-") ? Optional.empty() : kind();
    List<String> candidates =
        kind.isPresent()
            ? kind.flatMap(Kinds::find).map(this::names).orElse(List.of())
            : ofCommands(last);
    candidates.stream()
        .filter(candidate -> candidate.startsWith(last))
        .sorted()
        .distinct()
        .forEach(root.terminal().out()::println);
  }

  /** The kind whose resources the last word names one of. */
  private Optional<String> kind() {
    List<String> plain = new ArrayList<>();
    for (int i = 0; i < words.size() - 1; i++) {
      if (TAKES_VALUE.contains(words.get(i))) {
        i++;
      } else if (!words.get(i).startsWith("-")) {
        plain.add(words.get(i));
      }
    }
    if (words.size() > 1 && TAKES_VALUE.contains(words.get(words.size() - 2))) {
      return Optional.empty();
    }
    if (plain.equals(List.of("pool", "mode"))) {
      return Optional.of(IPPool.KIND.plural());
    }
    return plain.size() >= 2 && NAMING.contains(plain.getFirst())
        ? Optional.of(plain.get(1))
        : Optional.empty();
  }

  private List<String> names(Kind<? extends Resource> kind) {
    Namespaces namespaces = new Namespaces(root);
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).equals("-n") || words.get(i).equals("--namespace")) {
        namespaces.namespace = words.get(i + 1);
      }
    }
    try (Datastore datastore = Stores.existing(root)) {
      Selection selection =
          kind.namespaced() ? Selection.inNamespace(namespaces.of(kind)) : Selection.ALL;
      List<String> names = new ArrayList<>();
      datastore
          .list(kind, selection)
          .items()
          .forEach(resource -> names.add(resource.metadata().name()));
      return names;
    } catch (CommandFailure | DatastoreException e) {
      return List.of(); // a key that was pressed is no question that wants an answer
    }
  }

  private List<String> ofCommands(String last) {
    List<CharSequence> endings = new ArrayList<>();
    int ignored =
        AutoComplete.complete(
            Commands.complete(root.terminal()).getCommandSpec(),
            words.toArray(new String[0]),
            words.size() - 1,
            last.length(),
            0,
            endings);
    if (ignored < 0) {
      return List.of();
    }
    return endings.stream().map(ending -> last + ending).toList();
  }
}
