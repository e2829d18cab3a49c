package dev.manul.deploy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** All generated files. */
final class Manifests {
  private static final String HEAD = "# Made by ./dev manifests from the model; edit it there.\n";

  private Manifests() {}

  /**
   * The files by their path under {@code deploy}, with their text.
   *
   * @param root the project's directory, for the sources' comments
   */
  static Map<String, String> of(Path root) {
    RecordComments comments =
        RecordComments.read(root.resolve("model/src/main/java/dev/manul/model"));
    Map<String, String> files = new LinkedHashMap<>();
    for (KindFacts facts : ServedKinds.ALL) {
      String name = facts.kind().plural() + ".yaml";
      files.put("crds/" + name, HEAD + YamlText.of(Definitions.of(facts, comments, false)));
      files.put("crds-cel/" + name, HEAD + YamlText.of(Definitions.of(facts, comments, true)));
    }
    return files;
  }
}
