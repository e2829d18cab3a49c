package dev.manul.policy.translation;

import dev.manul.model.LabelSelector;
import dev.manul.model.RuleValues;
import dev.manul.model.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Labels by which endpoints know their namespace and service account, and selectors that ask for
 * them. Labels of namespaces and service accounts are inherited with a prefix before their names,
 * so that a selector of namespaces is a selector of endpoints whose labels have the prefix.
 */
final class Scopes {

  static final String NAMESPACE = Selector.NAMESPACE_LABEL;
  static final String ORCHESTRATOR = "projectcalico.org/orchestrator";
  static final String ACCOUNT = "projectcalico.org/serviceaccount";
  static final String NAME = "projectcalico.org/name";
  static final String NAMESPACE_PREFIX = "pcns.";
  static final String ACCOUNT_PREFIX = "pcsa.";

  /** Pods of Kubernetes, in difference to network sets and host endpoints. */
  static final Selector PODS = new Selector.Equal(ORCHESTRATOR, "k8s");

  private static final Selector NAMESPACED = new Selector.Has(NAMESPACE);

  private Scopes() {}

  /** All hold; those that always do are left away. */
  static Selector and(Selector... selectors) {
    List<Selector> terms = new ArrayList<>();
    for (Selector selector : selectors) {
      if (selector instanceof Selector.And and) {
        terms.addAll(and.terms());
      } else if (!selector.equals(Selector.ALL)) {
        terms.add(selector);
      }
    }
    return switch (terms.size()) {
      case 0 -> Selector.ALL;
      case 1 -> terms.getFirst();
      default -> new Selector.And(terms);
    };
  }

  /** In this namespace. */
  static Selector namespace(String name) {
    return new Selector.Equal(NAMESPACE, name);
  }

  /** In a namespace that a selector in Calico's language selects. */
  static Selector namespaces(Selector selector) {
    return prefixed(selector, NAMESPACE_PREFIX, NAMESPACED);
  }

  /** Pods of namespaces that Kubernetes' selector selects. */
  static Selector podsOf(LabelSelector namespaces, LabelSelector pods) {
    return and(PODS, namespaces(RuleValues.selector(namespaces)), RuleValues.selector(pods));
  }

  /** Run as an account that a selector selects. */
  static Selector accounts(Selector selector) {
    return prefixed(selector, ACCOUNT_PREFIX, Selector.ALL);
  }

  /** Run as an account of one of these names. */
  static Selector accounts(List<String> names) {
    Set<String> distinct = new TreeSet<>(names);
    return distinct.size() == 1
        ? new Selector.Equal(ACCOUNT, distinct.iterator().next())
        : new Selector.In(ACCOUNT, distinct);
  }

  private static Selector prefixed(Selector selector, String prefix, Selector all) {
    UnaryOperator<Selector> inner = term -> prefixed(term, prefix, all);
    return switch (selector) {
      case Selector.All _ -> all;
      case Selector.Global global -> global;
      case Selector.Or or -> new Selector.Or(or.terms().stream().map(inner).toList());
      case Selector.And and -> new Selector.And(and.terms().stream().map(inner).toList());
      case Selector.Not not -> new Selector.Not(inner.apply(not.term()));
      case Selector.Has has -> new Selector.Has(prefix + has.label());
      case Selector.Equal test -> new Selector.Equal(prefix + test.label(), test.value());
      case Selector.NotEqual test -> new Selector.NotEqual(prefix + test.label(), test.value());
      case Selector.In test -> new Selector.In(prefix + test.label(), test.values());
      case Selector.NotIn test -> new Selector.NotIn(prefix + test.label(), test.values());
      case Selector.Contains test -> new Selector.Contains(prefix + test.label(), test.part());
      case Selector.StartsWith test -> new Selector.StartsWith(prefix + test.label(), test.part());
      case Selector.EndsWith test -> new Selector.EndsWith(prefix + test.label(), test.part());
    };
  }
}
