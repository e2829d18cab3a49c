package dev.manul.deploy;

import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.Kind;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import java.util.List;

/** What is to be said of the kinds that policy is made of. */
final class PolicyKinds {

  private static final int MAX_RULES = 1024;
  private static final int MAX_NETS = 256;
  private static final int MAX_PORTS = 50;
  private static final int MAX_HTTP = 20;
  private static final String[] DIRECTIONS = {"Ingress", "Egress"};

  static final List<KindFacts> ALL =
      List.of(
          tier(),
          set(GlobalNetworkSet.KIND, "gns"),
          set(NetworkSet.KIND, "netsets"),
          profile(),
          global(GlobalNetworkPolicy.KIND, "gnp").build(),
          namespaced(NetworkPolicy.KIND, "caliconetworkpolicy").build(),
          staged(global(StagedGlobalNetworkPolicy.KIND, "sgnp")),
          staged(namespaced(StagedNetworkPolicy.KIND, "snp")),
          stagedKubernetes(),
          hostEndpoint());

  private PolicyKinds() {}

  private static FieldFacts selector() {
    return FieldFacts.of().upTo(RuleValues.MAX_SELECTOR);
  }

  private static KindFacts tier() {
    return KindFacts.of(Tier.KIND)
        .column("Order", "number", ".spec.order")
        .column("Default Action", "string", ".spec.defaultAction")
        .field("spec.defaultAction", FieldFacts.of().oneOf("Deny", "Pass"))
        .build();
  }

  private static KindFacts set(Kind<? extends Resource> kind, String shortName) {
    return KindFacts.of(kind, shortName).wide("Nets", "string", ".spec.nets").build();
  }

  private static KindFacts profile() {
    return rules(KindFacts.of(Profile.KIND)).build();
  }

  private static KindFacts.Builder policy(KindFacts.Builder facts) {
    return rules(facts)
        .column("Tier", "string", ".spec.tier")
        .column("Order", "number", ".spec.order")
        .wide("Selector", "string", ".spec.selector")
        .wide("Types", "string", ".spec.types")
        .field("spec.tier", FieldFacts.of().byDefault())
        .field("spec.selector", selector())
        .field("spec.serviceAccountSelector", selector())
        .field("spec.types", FieldFacts.of().items(DIRECTIONS.length))
        .field("spec.types[]", FieldFacts.of().oneOf(DIRECTIONS))
        .field("spec.performanceHints[]", FieldFacts.of().oneOf("AssumeNeededOnEveryNode"));
  }

  private static KindFacts.Builder namespaced(Kind<? extends Resource> kind, String shortName) {
    return policy(KindFacts.of(kind, shortName));
  }

  private static KindFacts.Builder global(Kind<? extends Resource> kind, String shortName) {
    String untracked = "has(self.doNotTrack) && self.doNotTrack";
    String before = "has(self.preDNAT) && self.preDNAT";
    return policy(KindFacts.of(kind, shortName))
        .field("spec.namespaceSelector", selector())
        .field(
            "spec",
            FieldFacts.of()
                .rule(
                    "!(" + untracked + " && " + before + ")",
                    "only one of doNotTrack and preDNAT may be true")
                .rule(
                    "!("
                        + untracked
                        + " || "
                        + before
                        + ")"
                        + " || has(self.applyOnForward) && self.applyOnForward",
                    "applyOnForward must be true with doNotTrack or preDNAT")
                .rule(
                    "!(" + before + ") || !has(self.egress) || size(self.egress) == 0",
                    "preDNAT allows no egress rules"));
  }

  private static KindFacts staged(KindFacts.Builder facts) {
    return facts.field("spec.stagedAction", FieldFacts.of().byDefault()).build();
  }

  private static KindFacts.Builder rules(KindFacts.Builder facts) {
    for (String direction : List.of("spec.ingress", "spec.egress")) {
      facts.field(direction, FieldFacts.of().items(MAX_RULES));
      rule(facts, direction + "[].");
    }
    return facts;
  }

  private static void rule(KindFacts.Builder facts, String rule) {
    facts
        .field(rule + "action", FieldFacts.of().mandatory().oneOf("Allow", "Deny", "Log", "Pass"))
        .field(rule + "ipVersion", FieldFacts.of().within(4, 6))
        .field(rule + "icmp.type", FieldFacts.of().within(0, 254))
        .field(rule + "icmp.code", FieldFacts.of().within(0, 255))
        .field(rule + "notICMP.type", FieldFacts.of().within(0, 254))
        .field(rule + "notICMP.code", FieldFacts.of().within(0, 255))
        .field(rule + "http.methods", FieldFacts.of().items(MAX_HTTP))
        .field(rule + "http.paths", FieldFacts.of().items(MAX_HTTP));
    for (String end : List.of(rule + "source.", rule + "destination.")) {
      facts
          .field(end + "nets", FieldFacts.of().items(MAX_NETS))
          .field(end + "notNets", FieldFacts.of().items(MAX_NETS))
          .field(end + "selector", selector())
          .field(end + "notSelector", selector())
          .field(end + "namespaceSelector", selector())
          .field(end + "ports", FieldFacts.of().items(MAX_PORTS))
          .field(end + "notPorts", FieldFacts.of().items(MAX_PORTS))
          .field(end + "services.name", FieldFacts.of().mandatory())
          .field(end + "serviceAccounts.selector", selector());
    }
  }

  private static KindFacts stagedKubernetes() {
    FieldFacts mandatory = FieldFacts.of().mandatory();
    KindFacts.Builder facts =
        KindFacts.of(StagedKubernetesNetworkPolicy.KIND, "sknp")
            .column("Action", "string", ".spec.stagedAction")
            .field("spec.stagedAction", FieldFacts.of().byDefault())
            .field("spec.policyTypes", FieldFacts.of().items(DIRECTIONS.length))
            .field("spec.policyTypes[]", FieldFacts.of().oneOf(DIRECTIONS))
            .field("spec.podSelector.matchExpressions[].key", mandatory)
            .field("spec.podSelector.matchExpressions[].operator", mandatory);
    for (String rule : List.of("spec.ingress[].", "spec.egress[].")) {
      String peer = rule + (rule.contains("ingress") ? "from[]." : "to[].");
      facts.field(peer + "ipBlock.cidr", mandatory);
      for (String selector : List.of(peer + "podSelector.", peer + "namespaceSelector.")) {
        facts
            .field(selector + "matchExpressions[].key", mandatory)
            .field(selector + "matchExpressions[].operator", mandatory);
      }
    }
    return facts.build();
  }

  private static KindFacts hostEndpoint() {
    return KindFacts.of(HostEndpoint.KIND, "hep", "heps")
        .column("Node", "string", ".spec.node")
        .column("Interface", "string", ".spec.interfaceName")
        .wide("Addresses", "string", ".spec.expectedIPs")
        .wide("Profiles", "string", ".spec.profiles")
        .field(
            "spec",
            FieldFacts.of()
                .mandatory()
                .rule(
                    "has(self.interfaceName) && self.interfaceName != ''"
                        + " || has(self.expectedIPs) && size(self.expectedIPs) > 0",
                    "interfaceName or expectedIPs is needed"))
        .field("spec.node", FieldFacts.of().mandatory())
        .field("spec.interfaceName", FieldFacts.of().upTo(15))
        .field("spec.ports[].name", FieldFacts.of().mandatory())
        .field("spec.ports[].protocol", FieldFacts.of().mandatory())
        .field("spec.ports[].port", FieldFacts.of().mandatory().within(1, 65535))
        .build();
  }
}
