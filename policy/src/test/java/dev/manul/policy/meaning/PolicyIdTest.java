package dev.manul.policy.meaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PolicyIdTest {

  private static final List<String> NAMES = List.of("a", "a-b", "a.b", "ab", "a0", "b", "a-", "aa");

  @Test
  void ordersByTheTextOfNameNamespaceAndKind() {
    var random = new Random(5);
    List<PolicyId> ids = IntStream.range(0, 200).mapToObj(_ -> any(random)).toList();
    for (PolicyId one : ids) {
      for (PolicyId other : ids) {
        assertThat(Integer.signum(one.compareTo(other)))
            .as("%s and %s", one, other)
            .isEqualTo(Integer.signum(text(one).compareTo(text(other))));
      }
    }
  }

  private static PolicyId any(Random random) {
    PolicyId.Type[] types = PolicyId.Type.values();
    return new PolicyId(
        types[random.nextInt(types.length)],
        random.nextInt(3) == 0 ? "" : NAMES.get(random.nextInt(NAMES.size())),
        NAMES.get(random.nextInt(NAMES.size())));
  }

  private static String text(PolicyId id) {
    return id.name() + "/" + id.namespace() + "/" + id.type().kind();
  }

  @Test
  void aShorterNameComesAfterThoseThatGoOnWithAHyphen() {
    assertThat(List.of(id("web"), id("web-2"), id("web2")).stream().sorted())
        .containsExactly(id("web-2"), id("web"), id("web2"));
  }

  private static PolicyId id(String name) {
    return new PolicyId(PolicyId.Type.NETWORK_POLICY, "default", name);
  }
}
