package dev.manul.policy.calculation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Selector;
import dev.manul.policy.calculation.Requirements.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** The index looks at few selectors and few things; that it is right, the random worlds show. */
class LabelIndexTest {

  private static final int SELECTORS = 10_000;
  private static final int THINGS = 2_000;

  private static final class Thing extends Indexed {}

  private static final class Asked extends Watch {
    Asked(Selector selector) {
      super(selector);
    }
  }

  private final LabelIndex<Thing, Asked> index = new LabelIndex<>(Asked::new);

  private static List<Requirement> cheapest(String selector) {
    ToLongFunction<Requirement> valuesFirst = requirement -> requirement.value() == null ? 9 : 2;
    return Requirements.cheapest(Selector.parse(selector), valuesFirst);
  }

  private static Requirement is(String label, String value) {
    return new Requirement(label, value);
  }

  @Test
  void selectorsRequireWhatAllTheySelectMustHave() {
    assertThat(cheapest("a == 'x' && has(b)")).containsExactly(is("a", "x"));
    assertThat(cheapest("has(b) && !has(c)")).containsExactly(is("b", null));
    assertThat(cheapest("a in {'x', 'y'}")).containsExactly(is("a", "x"), is("a", "y"));
    assertThat(cheapest("a in {'x', 'y'} && b == 'z'")).containsExactly(is("b", "z"));
    assertThat(cheapest("a == 'x' || b == 'y'")).containsExactly(is("a", "x"), is("b", "y"));
    assertThat(cheapest("!(a != 'x' || has(b))")).containsExactly(is("a", "x"));
    assertThat(cheapest("!(a != 'x' && a not in {'y'})"))
        .containsExactly(is("a", "x"), is("a", "y"));
    assertThat(cheapest("a starts with 'x'")).containsExactly(is("a", null));
    assertThat(cheapest("!global()")).containsExactly(is(Selector.NAMESPACE_LABEL, null));
    assertThat(cheapest("!all()")).isEmpty();
    assertThat(cheapest("a in {}")).isEmpty();
    for (String any : List.of("all()", "global()", "!has(a)", "a != 'x'", "a == 'x' || !has(b)")) {
      assertThat(cheapest(any)).as(any).isNull();
    }
  }

  private Thing thing(int i) {
    var thing = new Thing();
    Labels before = index.put(thing, labels(i, "v0"), List.of("kns.ns" + i % 10));
    assertThat(before).isNull();
    return thing;
  }

  private static Map<String, String> labels(int i, String version) {
    return Map.of("namespace", "ns" + i / 200 % 10, "app", "app" + i % 200, "version", version);
  }

  private static Selector selector(int i) {
    return Selector.parse(
        "namespace == 'ns%d' && app == 'app%d' && port != '%d'"
            .formatted(i / 200 % 10, i % 200, i));
  }

  @Test
  void aSelectorLooksAtThingsWithTheRarestLabelItRequires() {
    for (int i = 0; i < THINGS; i++) {
      assertThat(thing(i).labels).isNotNull();
    }
    List<Thing> candidates = new ArrayList<>();
    index.forEachCandidate(index.watch(selector(7)), candidates::add);
    assertThat(candidates).hasSize(THINGS / 2000);
    candidates.clear();
    Selector nobody = Selector.parse("app == 'app7' && version == 'v8'");
    index.forEachCandidate(index.watch(nobody), candidates::add);
    assertThat(candidates).isEmpty();
    candidates.clear();
    index.forEachCandidate(index.watch(Selector.parse("app == 'no such'")), candidates::add);
    assertThat(candidates).isEmpty();
  }

  @Test
  void aChangeLooksAtSelectorsThatRequireItsLabelsAndMentionOneThatChanged() {
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < THINGS; i++) {
      things.add(thing(i));
    }
    for (int i = 0; i < SELECTORS; i++) {
      assertThat(index.watch(selector(i))).isNotNull();
    }
    Asked version = index.watch(Selector.parse("app == 'app7' && version == 'v1'"));
    index.profile(
        "kns.ns7", Map.of("team", "red"), (thing, before) -> assertThat(before).isNotNull());

    long looks = index.looks();
    List<Asked> told = new ArrayList<>();
    Thing changed = things.get(7);
    Labels before = index.put(changed, labels(7, "v1"), List.of("kns.ns7"));
    index.changed(before, changed.labels, false, (watch, _, _) -> told.add(watch));
    assertThat(told).containsExactly(version);
    assertThat(index.looks() - looks).isEqualTo(1);

    looks = index.looks();
    told.clear();
    index.changed(changed.labels, null, false, (watch, _, _) -> told.add(watch));
    assertThat(told).hasSize(SELECTORS / 2000 + 1);
    assertThat(index.looks() - looks).isEqualTo(SELECTORS / 2000 + 1);
  }

  @Test
  void aProfileTellsOfThoseThatHaveIt() {
    for (int i = 0; i < THINGS; i++) {
      assertThat(thing(i).labels).isNotNull();
    }
    List<Thing> told = new ArrayList<>();
    index.profile("kns.ns3", Map.of("team", "red"), (thing, _) -> told.add(thing));
    assertThat(told).hasSize(THINGS / 10);
    assertThat(told).allMatch(thing -> "red".equals(thing.labels.get("team")));
    List<Thing> candidates = new ArrayList<>();
    index.forEachCandidate(index.watch(Selector.parse("team == 'red'")), candidates::add);
    assertThat(candidates).containsExactlyInAnyOrderElementsOf(told);
  }

  @Test
  void nothingIsLeftOfWhatIsGone() {
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      things.add(thing(i));
    }
    index.profile("kns.ns3", Map.of("team", "red"), (_, _) -> {});
    List<Asked> watches = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      watches.add(index.watch(selector(i)));
    }
    watches.add(index.watch(Selector.parse("has(app) || has(nothing)")));
    assertThat(index.isEmpty()).isFalse();
    things.forEach(thing -> assertThat(index.remove(thing)).isNotNull());
    watches.forEach(index::unwatch);
    index.profile("kns.ns3", Map.of(), (_, _) -> {});
    assertThat(index.isEmpty()).isTrue();
  }
}
