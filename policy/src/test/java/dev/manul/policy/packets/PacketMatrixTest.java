package dev.manul.policy.packets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.EntityRule;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.IntOrString;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import dev.manul.policy.translation.Recipes;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@link PolicyPacketsIT} sends packets for is all that policies can say. */
class PacketMatrixTest {

  private static final int LEAST_CASES = 400;

  private static final List<Class<? extends Resource>> KINDS =
      List.of(
          KubernetesNetworkPolicy.class,
          NetworkPolicy.class,
          GlobalNetworkPolicy.class,
          StagedKubernetesNetworkPolicy.class,
          StagedNetworkPolicy.class,
          StagedGlobalNetworkPolicy.class,
          AdminNetworkPolicy.class,
          BaselineAdminNetworkPolicy.class,
          ClusterNetworkPolicy.class,
          Tier.class,
          NetworkSet.class,
          GlobalNetworkSet.class,
          HostEndpoint.class,
          Profile.class);

  /** Fields that no packet can tell, or that are refused for they cannot be enforced. */
  private static final Set<String> WITHOUT_PACKETS =
      Set.of("performanceHints", "http", "further", "nodes", "domainNames", "PolicyRule.metadata");

  /** A case is counted once, whether it is sent in one family or in both. */
  @Test
  void thereAreEnoughCases() {
    int cases = Scenario.all().stream().mapToInt(scenario -> scenario.cases().size()).sum();
    cases += Recipes.all().stream().mapToInt(recipe -> recipe.probes().size()).sum();
    assertThat(cases).isGreaterThanOrEqualTo(LEAST_CASES);
  }

  @Test
  void everyFieldOfEveryKindIsInACase() {
    Set<String> fields = new TreeSet<>();
    KINDS.forEach(kind -> fields(kind, "", fields));
    Set<String> used = new TreeSet<>();
    Recipes.all().stream()
        .flatMap(recipe -> recipe.resources().stream())
        .forEach(resource -> used((Record) resource, "", used));
    assertThat(fields).hasSizeGreaterThan(100);
    fields.removeAll(used);
    assertThat(fields).isEmpty();
  }

  /** Names of what documents may say; the ends of rules are told apart, the rest by its type. */
  private static void fields(Class<?> type, String within, Set<String> into) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = name(type, within, component);
      if (isWanted(type, component) && into.add(name)) {
        records(component.getGenericType())
            .forEach(inner -> fields(inner, component.getName(), into));
      }
    }
  }

  private static boolean isWanted(Class<?> type, RecordComponent component) {
    return !component.getName().equals("metadata")
        && !WITHOUT_PACKETS.contains(component.getName())
        && !WITHOUT_PACKETS.contains(type.getSimpleName() + "." + component.getName());
  }

  private static String name(Class<?> type, String within, RecordComponent component) {
    String owner =
        (type.getNestHost() == type ? "" : type.getNestHost().getSimpleName() + ".")
            + type.getSimpleName();
    boolean end = type == EntityRule.class;
    return (end ? within + ": " : "") + owner + "." + component.getName();
  }

  private static Collection<Class<?>> records(Type type) {
    return switch (type) {
      case ParameterizedType generic ->
          List.of(generic.getActualTypeArguments()).stream()
              .flatMap(inner -> records(inner).stream())
              .collect(Collectors.toSet());
      case Class<?> plain when plain.isRecord() && plain != IntOrString.class -> Set.of(plain);
      default -> Set.of();
    };
  }

  private static void used(Record value, String within, Set<String> into) {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object said = said(value, component);
      if (!saysNothing(said)) {
        into.add(name(value.getClass(), within, component));
        inner(said, component.getName(), into);
      }
    }
  }

  private static void inner(Object said, String within, Set<String> into) {
    switch (said) {
      case Record inner -> used(inner, within, into);
      case Optional<?> optional -> optional.ifPresent(inner -> inner(inner, within, into));
      case Collection<?> all -> all.forEach(inner -> inner(inner, within, into));
      default -> {}
    }
  }

  private static Object said(Record value, RecordComponent component) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record's field cannot be read", e);
    }
  }

  private static boolean saysNothing(Object said) {
    return switch (said) {
      case null -> true;
      case Optional<?> optional -> optional.isEmpty();
      case Collection<?> all -> all.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      case EntityRule end -> end.equals(EntityRule.ANY);
      case Object other -> other.equals("") || other.equals(false) || other.equals(0);
    };
  }

  @Test
  void everyOperatorAndActionIsInACase() {
    String documents =
        Recipes.all().stream().map(Recipes.Recipe::documents).collect(Collectors.joining());
    assertThat(documents)
        .contains(
            "==",
            "!=",
            " in {",
            " not in {",
            "has(",
            "!has(",
            " contains ",
            " starts with ",
            " ends with ",
            " && ",
            " || ",
            "!(",
            "all()",
            "global()",
            "In,",
            "NotIn",
            "Exists",
            "DoesNotExist")
        .contains("Allow", "Deny", "Log", "Pass", "Accept", "defaultAction: Pass")
        .contains("TCP", "UDP", "SCTP", "ICMP", "ICMPv6", "podSelector: {}")
        .contains(
            "policyTypes: [Egress]", "policyTypes: [Ingress, Egress]", "interfaceName: \"*\"");
  }
}
