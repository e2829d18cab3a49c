package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.StoredTree;
import dev.manul.model.EndpointSlice;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.Pod;
import dev.manul.model.PolicyRule;
import dev.manul.model.PolicyRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What policy reads of a server's objects, and what it must not lose. */
final class PolicyMappingTest {

  private static Map<String, Object> tree(String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return ApiJson.read(bytes, 0, bytes.length);
  }

  /** A field of a newer version may be the one that makes a rule narrow. */
  @Test
  void rulesWithFieldsThatAreNotKnownHaveNoMeaningAndAreKept() throws IOException {
    Map<String, Object> stored =
        tree(
            """
            {"apiVersion":"projectcalico.org/v3","kind":"NetworkPolicy",
             "metadata":{"name":"p","namespace":"n"},
             "spec":{"egress":[
               {"action":"Allow","destination":{"domains":["example.org"]}},
               {"action":"Allow","rateLimit":5},
               {"action":"Allow","destination":{"nets":["10.0.0.0/8"]}}]}}
            """);
    NetworkPolicy policy = new OwnMapping<>(NetworkPolicy.KIND).read(stored).orElseThrow();
    List<PolicyRule> rules = policy.spec().egress();
    assertThat(PolicyRules.meaning(rules.get(0), "r", false, false))
        .extracting(Object::toString)
        .containsExactly("r.destination.domains: is not known here");
    assertThat(PolicyRules.meaning(rules.get(1), "r", false, false))
        .extracting(Object::toString)
        .containsExactly("r.rateLimit: is not known here");
    assertThat(PolicyRules.meaning(rules.get(2), "r", false, false)).isEmpty();
    assertThat(StoredTree.write(policy, Map.of()).get("spec"))
        .isEqualTo(
            tree(
                """
                {"tier":"default","egress":[
                  {"action":"Allow","destination":{"domains":["example.org"]}},
                  {"action":"Allow","rateLimit":5},
                  {"action":"Allow","destination":{"nets":["10.0.0.0/8"]}}]}
                """));
  }

  @Test
  void slicesAreTrimmedToWhatIsAskedOfThem() throws IOException {
    ReadMapping<EndpointSlice> mapping = new ReadMapping<>(EndpointSlice.KIND, false);
    String slice =
        """
        {"metadata":{"name":"web-1","namespace":"n","resourceVersion":"%s",
           "labels":{"kubernetes.io/service-name":"web"},
           "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"%s"}},
         "addressType":"IPv4",
         "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":%s},%s,
                       "targetRef":{"kind":"Pod","name":"a"}}],
         "ports":[{"name":"http","protocol":"TCP","port":80}]}
        """;
    String node = "\"nodeName\":\"n1\"";
    EndpointSlice read = mapping.read(tree(slice.formatted("1", "a", "true", node))).orElseThrow();
    assertThat(read.service()).isEqualTo("web");
    EndpointSlice.Endpoint endpoint = read.endpoints().getFirst();
    assertThat(endpoint.addresses()).containsExactly("10.0.0.1");
    assertThat(endpoint.nodeName()).isEqualTo("n1");
    assertThat(endpoint.conditions().isReady()).isTrue();
    assertThat(read.ports()).containsExactly(new EndpointSlice.Port("http", "TCP", 80));
    assertThat(read.metadata().annotations()).isEmpty();
    assertThat(mapping.read(tree(slice.formatted("2", "b", "true", node)))).contains(read);

    EndpointSlice waiting =
        mapping.read(tree(slice.formatted("3", "b", "false", node))).orElseThrow();
    assertThat(waiting).isNotEqualTo(read);
    assertThat(waiting.endpoints().getFirst().conditions().isReady()).isFalse();
    assertThat(waiting.sameAddresses(read)).as("policy need not know").isTrue();

    String older = "\"topology\":{\"kubernetes.io/hostname\":\"n1\",\"zone\":\"z\"}";
    assertThat(mapping.read(tree(slice.formatted("4", "c", "true", older)))).contains(read);
  }

  @Test
  void podsShareTextsAndKeepOnlyAnnotationsThatMeanSomething() throws IOException {
    String pod =
        """
        {"metadata":{"name":"%s","namespace":"shop","labels":{"app":"web"},
           "annotations":{"cni.projectcalico.org/podIP":"10.0.0.1/32","other/large":"xxxx"}},
         "spec":{"nodeName":"n1","serviceAccountName":"bot"},"status":{"phase":"Running"}}
        """;
    Pod one = PodMapping.pod(tree(pod.formatted("a")));
    Pod two = PodMapping.pod(tree(pod.formatted("b")));
    assertThat(one.metadata().annotations())
        .isEqualTo(Map.of("cni.projectcalico.org/podIP", "10.0.0.1/32"));
    assertThat(one.metadata().labels().get("app")).isSameAs(two.metadata().labels().get("app"));
    assertThat(one.metadata().namespace()).isSameAs(two.metadata().namespace());
    assertThat(one.spec().nodeName()).isSameAs(two.spec().nodeName());
  }
}
