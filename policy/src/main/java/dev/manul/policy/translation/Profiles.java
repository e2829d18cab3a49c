package dev.manul.policy.translation;

import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.ServiceAccount;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What endpoints of a namespace, a service account or a hand-made profile have in common. */
final class Profiles {

  private static final List<Rule> ALL = List.of(Rule.every(Action.ALLOW));

  /** For host endpoints that policies only take something away from; always there. */
  static final Profile DEFAULT_ALLOW =
      new Profile("projectcalico-default-allow", ALL, ALL, Map.of());

  /** Kubernetes puts it on namespaces by itself since 1.21. */
  private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

  private Profiles() {}

  static String ofNamespace(String namespace) {
    return "kns." + namespace;
  }

  static String ofAccount(String namespace, String account) {
    return "ksa." + namespace + "." + account;
  }

  /** Pods that no policy is about may do everything. */
  static Translated of(Namespace namespace) {
    String name = namespace.metadata().name();
    Map<String, String> labels = prefixed(Scopes.NAMESPACE_PREFIX, namespace.metadata());
    labels.put(Scopes.NAMESPACE_PREFIX + Scopes.NAME, name);
    labels.put(Scopes.NAMESPACE_PREFIX + NAMESPACE_NAME, name);
    return Translated.of(new Fact.ProfileIs(new Profile(ofNamespace(name), ALL, ALL, labels)));
  }

  static Translated of(ServiceAccount account) {
    Metadata metadata = account.metadata();
    Map<String, String> labels = prefixed(Scopes.ACCOUNT_PREFIX, metadata);
    labels.put(Scopes.ACCOUNT_PREFIX + Scopes.NAME, metadata.name());
    String name = ofAccount(metadata.namespace(), metadata.name());
    return Translated.of(new Fact.ProfileIs(new Profile(name, List.of(), List.of(), labels)));
  }

  private static Map<String, String> prefixed(String prefix, Metadata metadata) {
    Map<String, String> labels = new HashMap<>();
    metadata.labels().forEach((label, value) -> labels.put(prefix + label, value));
    return labels;
  }

  static Translated of(dev.manul.model.Profile profile) {
    Problems problems = new Problems(profile);
    CalicoRules rules = new CalicoRules("", problems);
    Profile made =
        new Profile(
            profile.metadata().name(),
            rules.rules(profile.spec().ingress(), true),
            rules.rules(profile.spec().egress(), false),
            profile.spec().labelsToApply());
    return new Translated(List.of(new Fact.ProfileIs(made)), problems.lines());
  }
}
