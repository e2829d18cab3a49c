package dev.manul.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What commands that take documents have in common: where they come from, and how it is told. */
abstract class DocumentsCommand implements Callable<Integer> {
  final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  DocumentsCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  /** The format asked for, refused before anything is read. */
  Format format() {
    return Format.parse(output, Format.PS, Format.NAME, Format.JSON);
  }
}
