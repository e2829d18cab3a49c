package dev.manul.cli;

import dev.manul.datastore.Document;
import dev.manul.datastore.ResourceText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that name files of resources, and the reading of these. */
final class FileInput {
  private static final String STANDARD_INPUT = "standard input";

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description =
          "File, directory (*.yaml, *.yml, *.json in it) or - for standard input; YAML or JSON,"
              + " any number of documents. May be given again.")
  List<String> files = new ArrayList<>();

  @Option(
      names = {"-R", "--recursive"},
      description = "Goes into directories within directories.")
  boolean recursive;

  @Option(
      names = "--skip-empty",
      description = "A file or directory without resources is no error.")
  boolean skipEmpty;

  boolean given() {
    return !files.isEmpty();
  }

  /** All documents of all files, in order. */
  List<Document> documents(Terminal terminal) {
    if (files.isEmpty()) {
      throw CommandFailure.usage(
          "no file given; name one with -f FILE, or -f - for standard input");
    }
    List<Document> documents = new ArrayList<>();
    for (String file : files) {
      List<Document> found = file.equals("-") ? standardInput(terminal) : path(Path.of(file));
      if (found.isEmpty() && !skipEmpty) {
        throw CommandFailure.failed(
            (file.equals("-") ? STANDARD_INPUT : file) + ": no resources specified");
      }
      documents.addAll(found);
    }
    return documents;
  }

  private static List<Document> standardInput(Terminal terminal) {
    try {
      String text = new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8);
      return ResourceText.parse(text, STANDARD_INPUT);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot read standard input: " + Main.oneLine(e.getMessage()));
    }
  }

  private List<Document> path(Path path) {
    if (!Files.isDirectory(path)) {
      return file(path);
    }
    List<Document> documents = new ArrayList<>();
    try (Stream<Path> entries = Files.walk(path, recursive ? Integer.MAX_VALUE : 1)) {
      entries
          .filter(entry -> isResourceFile(entry) && Files.isRegularFile(entry))
          .sorted()
          .forEach(entry -> documents.addAll(file(entry)));
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(path, e);
    }
    return documents;
  }

  private static boolean isResourceFile(Path entry) {
    String name = entry.getFileName().toString();
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  private static List<Document> file(Path path) {
    try {
      return ResourceText.parse(Files.readString(path), path.toString());
    } catch (NoSuchFileException e) {
      throw CommandFailure.failed(path + ": there is no such file");
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static CommandFailure unreadable(Path path, Exception e) {
    return CommandFailure.failed(
        path + ": cannot be read: " + e.getClass().getSimpleName() + ": " + e.getMessage());
  }
}
