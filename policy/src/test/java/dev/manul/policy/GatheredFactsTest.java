package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GatheredFactsTest {
  private static final EndpointId POD = new EndpointId.Workload("default", "web");
  private static final Fact HERE = new Fact.EndpointIs(endpoint(Optional.of("cali1")));
  private static final Fact ELSEWHERE = new Fact.EndpointIs(endpoint(Optional.empty()));
  private static final Fact GONE = new Fact.EndpointGone(POD);
  private static final Fact OTHER_GONE =
      new Fact.EndpointGone(new EndpointId.Workload("default", "db"));
  private static final Fact NO_TIER = new Fact.TierGone("security");

  private final GatheredFacts facts = new GatheredFacts();

  private static Endpoint endpoint(Optional<String> device) {
    return new Endpoint(
        POD,
        Map.of(),
        List.of(),
        Set.of(),
        List.of(),
        device.map(name -> new Endpoint.Local(name, Set.of())));
  }

  private boolean isOnlyOwnEndpoints(Fact... more) {
    facts.add(List.of(more));
    boolean only = facts.isOnlyOwnEndpoints();
    assertThat(facts.take()).containsExactly(more);
    assertThat(facts.isEmpty()).isTrue();
    return only;
  }

  @Test
  void podsOfThisNodeThatComeOrGoMayWait() {
    assertThat(isOnlyOwnEndpoints(HERE)).isTrue();
    assertThat(isOnlyOwnEndpoints(HERE)).isTrue();
    assertThat(isOnlyOwnEndpoints(GONE)).isTrue();
    assertThat(isOnlyOwnEndpoints(HERE, GONE)).isTrue();
  }

  @Test
  void whatConcernsOthersDoesNot() {
    assertThat(isOnlyOwnEndpoints(ELSEWHERE)).isFalse();
    assertThat(isOnlyOwnEndpoints(GONE)).isFalse();
    assertThat(isOnlyOwnEndpoints(HERE, NO_TIER)).isFalse();
    assertThat(isOnlyOwnEndpoints(GONE)).isTrue();
    assertThat(isOnlyOwnEndpoints(GONE)).isFalse(); // of nobody that was here
    assertThat(isOnlyOwnEndpoints(HERE, OTHER_GONE)).isFalse();
  }

  @Test
  void aPodThatMovedAwayIsAnOthers() {
    assertThat(isOnlyOwnEndpoints(HERE)).isTrue();
    assertThat(isOnlyOwnEndpoints(ELSEWHERE)).isFalse();
    assertThat(isOnlyOwnEndpoints(GONE)).isFalse();
  }
}
