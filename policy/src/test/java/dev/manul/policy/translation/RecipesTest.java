package dev.manul.policy.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.policy.oracle.Decision;
import dev.manul.policy.oracle.Oracle;
import dev.manul.policy.oracle.World;
import dev.manul.policy.translation.Recipes.Expectation;
import dev.manul.policy.translation.Recipes.Recipe;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What recipes say about pods, as the oracle sees it, over IPv4 and IPv6. */
final class RecipesTest {

  static List<Recipe> recipes() {
    return Recipes.read(Recipes.OF_PODS);
  }

  static List<Recipe> all() {
    return Recipes.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void nothingIsWrongWithTheDocuments(Recipe recipe) {
    for (Resource resource : recipe.resources()) {
      assertThat(ResourceRules.validate(resource)).as("%s", resource.key()).isEmpty();
    }
    assertThat(recipe.translated()).allSatisfy(each -> assertThat(each.problems()).isEmpty());
    assertThat(recipe.probes()).hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void recipe(Recipe recipe) {
    Oracle oracle = new Oracle(World.of(recipe.facts()));
    for (Expectation expected : recipe.expectations()) {
      Decision decision = oracle.path(expected.packet(), Set.of());
      assertThat(decision.allowed())
          .as("%s: %s, by %s", expected.line(), expected.packet(), decision.by())
          .isEqualTo(expected.passes());
    }
  }
}
