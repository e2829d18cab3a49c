package dev.manul.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.model.Violation;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of the kinds, held against the records and the agent's own rules. */
final class ServedKindsTest {

  private static final RecordComments COMMENTS =
      RecordComments.read(Project.root().resolve("model/src/main/java/dev/manul/model"));

  static List<KindFacts> kinds() {
    return ServedKinds.ALL;
  }

  @Test
  void everyKindOfManulsIsServedButThoseThatLiveOnOtherObjects() {
    List<Kind<?>> wanted = new ArrayList<>(Kinds.OWN);
    wanted.removeAll(List.of(Node.KIND, WorkloadEndpoint.KIND));
    assertThat(ServedKinds.ALL.stream().map(KindFacts::kind).toList()).isEqualTo(wanted);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void factsAreAboutFieldsThatThereAre(KindFacts facts) {
    TreeSet<String> places = new TreeSet<>(places(schema(facts), ""));
    places.add("");
    assertThat(places).containsAll(facts.fields().keySet());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void columnsAreOfFieldsThatThereAre(KindFacts facts) {
    TreeSet<String> places = new TreeSet<>(places(schema(facts), ""));
    for (KindFacts.Column column : facts.columns()) {
      String path = column.path().substring(1).replaceAll("\\[.*]", "[]");
      assertThat(path.startsWith("metadata.") || places.contains(path))
          .as("%s shows %s", facts.kind(), column)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyFieldOfASpecIsDescribed(KindFacts facts) {
    Map<String, Object> spec = part(part(schema(facts), "properties"), "spec");
    assertThat((String) spec.get("description")).isNotBlank();
    part(spec, "properties")
        .forEach(
            (name, field) ->
                assertThat((String) ((Map<?, ?>) field).get("description"))
                    .as("%s.spec.%s", facts.kind(), name)
                    .isNotBlank()
                    .doesNotContain("{@", "null only", "Optional"));
  }

  /** The documents in which every field has a value have every field of the schema. */
  @ParameterizedTest
  @MethodSource("kinds")
  void populatedDocumentsAreWhole(KindFacts facts) throws IOException {
    Map<String, Object> tree = ResourceText.toTree(populated(facts));
    tree.keySet().removeAll(List.of("apiVersion", "kind", "metadata"));
    TreeSet<String> wanted = new TreeSet<>(leaves(schema(facts), ""));
    wanted.removeAll(List.of("apiVersion", "kind", "metadata"));
    assertThat(documentLeaves(tree, "", facts)).containsAll(wanted);
  }

  /** One beyond a bound is refused by the agent as by the server, the bound itself by neither. */
  @ParameterizedTest
  @MethodSource("kinds")
  void boundsAreThoseOfTheAgent(KindFacts facts) throws IOException {
    for (Map.Entry<String, FieldFacts> entry : facts.fields().entrySet()) {
      String path = entry.getKey();
      FieldFacts field = entry.getValue();
      if (field.least().isEmpty() || path.equals("spec.blockSize")) {
        continue; // a block's size depends on the family, which a schema cannot say
      }
      long least = field.least().get();
      long most = field.most().orElseThrow();
      assertThat(broken(facts, path, least)).as("%s %s", path, least).isFalse();
      assertThat(broken(facts, path, most)).as("%s %s", path, most).isFalse();
      assertThat(broken(facts, path, least - 1)).as("%s %s", path, least - 1).isTrue();
      assertThat(broken(facts, path, most + 1)).as("%s %s", path, most + 1).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void valuesAreThoseOfTheAgent(KindFacts facts) throws IOException {
    for (Map.Entry<String, FieldFacts> entry : facts.fields().entrySet()) {
      String path = entry.getKey();
      for (String value : entry.getValue().values()) {
        assertThat(broken(facts, path, value)).as("%s %s", path, value).isFalse();
      }
      if (!entry.getValue().values().isEmpty()) {
        assertThat(broken(facts, path, "Nonsense")).as("%s Nonsense", path).isTrue();
      }
    }
  }

  /** Whether the agent complains of just this field. */
  private static boolean broken(KindFacts facts, String path, Object value) throws IOException {
    Map<String, Object> tree = ResourceText.toTree(populated(facts));
    boolean listed = path.endsWith("[]");
    String wanted = listed ? path.substring(0, path.length() - 2) : path;
    Map<String, Object> holder = tree;
    String field = wanted;
    for (int dot = field.indexOf('.'); dot >= 0; dot = field.indexOf('.')) {
      holder = first(holder, field.substring(0, dot));
      field = field.substring(dot + 1);
    }
    holder.put(field, listed ? List.of(value) : value);
    String place = wanted.replace("[]", "[0]");
    Resource resource;
    try {
      resource = ResourceText.fromTree(tree, "test");
    } catch (RuntimeException e) {
      return e.getMessage().contains(place);
    }
    return ResourceRules.validate(resource).stream()
        .filter(violation -> violation.message().contains("allowed are"))
        .map(Violation::field)
        .anyMatch(found -> found.equals(place) || found.equals(place + "[0]"));
  }

  /** A part of a tree, or the first in a list of them when the name ends in {@code []}. */
  @SuppressWarnings("unchecked") // documents are maps and lists of maps
  private static Map<String, Object> first(Map<String, Object> tree, String name) {
    return name.endsWith("[]")
        ? ((List<Map<String, Object>>) tree.get(name.substring(0, name.length() - 2))).getFirst()
        : part(tree, name);
  }

  private static Resource populated(KindFacts facts) throws IOException {
    String file = "deploy/src/test/resources/populated/" + facts.kind().name() + ".yaml";
    return ResourceText.parse(Files.readString(Project.root().resolve(file)), file)
        .getFirst()
        .resource();
  }

  private static Map<String, Object> schema(KindFacts facts) {
    return Schemas.of(facts, COMMENTS, false);
  }

  @SuppressWarnings("unchecked") // schemas are maps of maps
  private static Map<String, Object> part(Map<String, Object> tree, String name) {
    return (Map<String, Object>) tree.get(name);
  }

  /** All places of a schema, lists and their items both. */
  private static List<String> places(Map<String, Object> schema, String path) {
    List<String> places = new ArrayList<>();
    if (!path.isEmpty()) {
      places.add(path);
    }
    if (schema.get("properties") != null) {
      part(schema, "properties")
          .keySet()
          .forEach(
              name ->
                  places.addAll(
                      places(
                          part(part(schema, "properties"), name),
                          path.isEmpty() ? name : path + "." + name)));
    }
    if (schema.get("items") != null) {
      places.addAll(places(part(schema, "items"), path + "[]"));
    }
    return places;
  }

  /** The places that hold values. */
  private static List<String> leaves(Map<String, Object> schema, String path) {
    return places(schema, path).stream()
        .filter(place -> places(schema, path).stream().noneMatch(p -> p.startsWith(place + ".")))
        .filter(place -> places(schema, path).stream().noneMatch(p -> p.startsWith(place + "[]")))
        .toList();
  }

  private static Set<String> documentLeaves(Object tree, String path, KindFacts facts) {
    TreeSet<String> found = new TreeSet<>();
    found.add(path);
    if (tree instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) ->
              found.addAll(
                  documentLeaves(value, path.isEmpty() ? "" + name : path + "." + name, facts)));
    } else if (tree instanceof List<?> items) {
      items.forEach(item -> found.addAll(documentLeaves(item, path + "[]", facts)));
    } else if (tree instanceof dev.manul.model.IntSequence) {
      found.add(path + "[]");
    }
    return found;
  }
}
