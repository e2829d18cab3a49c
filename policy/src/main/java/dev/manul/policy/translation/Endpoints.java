package dev.manul.policy.translation;

import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.IntOrString;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.NetworkSet;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Pods, workload endpoints, host endpoints and network sets. */
final class Endpoints {

  /** Longer names of service accounts do not fit a label. */
  private static final int MAX_LABEL_VALUE = 63;

  private static final String POD_IP = "cni.projectcalico.org/podIP";
  private static final String POD_IPS = "cni.projectcalico.org/podIPs";

  private Endpoints() {}

  static EndpointId idOf(Pod pod) {
    return new EndpointId.Workload(
        pod.metadata().namespace(),
        WorkloadEndpoint.nameOf(pod.spec().nodeName(), pod.metadata().name()));
  }

  static EndpointId idOf(WorkloadEndpoint endpoint) {
    return new EndpointId.Workload(endpoint.metadata().namespace(), endpoint.metadata().name());
  }

  static Translated pod(Pod pod, Optional<Endpoint.Local> local) {
    if (pod.spec().nodeName().isEmpty()) {
      return Translated.NOTHING; // nobody knows what it would be called
    }
    if (pod.spec().hostNetwork() || pod.finished()) {
      return Translated.of(new Fact.EndpointGone(idOf(pod)));
    }
    String namespace = pod.metadata().namespace();
    String account = pod.spec().serviceAccountName();
    Endpoint endpoint =
        new Endpoint(
            idOf(pod),
            labels(pod.metadata().labels(), namespace, "k8s", account),
            profiles(namespace, account),
            addresses(pod),
            ports(pod.spec().ports()),
            local);
    return Translated.of(new Fact.EndpointIs(endpoint));
  }

  static Translated workload(WorkloadEndpoint endpoint, Optional<Endpoint.Local> local) {
    WorkloadEndpoint.Spec spec = endpoint.spec();
    String namespace = endpoint.metadata().namespace();
    String account = spec.serviceAccountName();
    Endpoint made =
        new Endpoint(
            idOf(endpoint),
            labels(endpoint.metadata().labels(), namespace, spec.orchestrator(), account),
            spec.profiles().isEmpty() ? profiles(namespace, account) : spec.profiles(),
            Set.copyOf(spec.ipNetworks()),
            ports(spec.ports()),
            local);
    return Translated.of(new Fact.EndpointIs(made));
  }

  private static List<String> profiles(String namespace, String account) {
    String ofNamespace = Profiles.ofNamespace(namespace);
    return account.isEmpty()
        ? List.of(ofNamespace)
        : List.of(ofNamespace, Profiles.ofAccount(namespace, account));
  }

  /**
   * Labels of a workload. What says where it is comes from there alone: a label of its own that
   * looks like one of its namespace or service account would let it pass for another's.
   */
  private static Map<String, String> labels(
      Map<String, String> own, String namespace, String orchestrator, String account) {
    Map<String, String> labels = new HashMap<>(own);
    labels
        .keySet()
        .removeIf(
            label ->
                label.startsWith(Scopes.NAMESPACE_PREFIX)
                    || label.startsWith(Scopes.ACCOUNT_PREFIX)
                    || label.equals(Scopes.ACCOUNT));
    labels.put(Scopes.NAMESPACE, namespace);
    labels.put(Scopes.ORCHESTRATOR, orchestrator);
    if (!account.isEmpty() && account.length() < MAX_LABEL_VALUE) {
      labels.put(Scopes.ACCOUNT, account);
    }
    return labels;
  }

  /**
   * A pod's addresses: as the CNI plugin has written them, which it does before the kubelet knows
   * them; when it never wrote any, those of the pod's status. Blank annotations say that the
   * addresses were taken back.
   */
  private static Set<Prefix> addresses(Pod pod) {
    Map<String, String> annotations = pod.metadata().annotations();
    String written = annotations.getOrDefault(POD_IPS, annotations.get(POD_IP));
    List<String> texts = written == null ? pod.status().podIPs() : List.of(written.split(",", -1));
    Set<Prefix> addresses = new HashSet<>();
    for (String text : texts) {
      try {
        addresses.add(InterfaceAddress.parse(text.strip()).address().toPrefix());
      } catch (IllegalArgumentException e) {
        // blank, or written by hand; such an address is nobody's
      }
    }
    return addresses;
  }

  private static List<NamedPort> ports(List<WorkloadEndpoint.Port> ports) {
    List<NamedPort> named = new ArrayList<>();
    for (WorkloadEndpoint.Port port : ports) {
      Optional<String> protocol = Optional.of(port.protocol()).filter(text -> !text.isEmpty());
      port(port.name(), protocol, port.port()).ifPresent(named::add);
    }
    return named;
  }

  /** A named port; empty for one that has no name or that no rule can ask for. */
  private static Optional<NamedPort> port(String name, Optional<String> protocol, int port) {
    try {
      int number = protocol.map(IntOrString::new).map(RuleValues::protocol).orElse(RuleValues.TCP);
      return !name.isEmpty() && RuleValues.hasPorts(number) && port > 0
          ? Optional.of(new NamedPort(name, number, port))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Translated host(HostEndpoint endpoint, Optional<Endpoint.Local> local) {
    HostEndpoint.Spec spec = endpoint.spec();
    Problems problems = new Problems(endpoint);
    Set<Prefix> addresses = new HashSet<>();
    for (int i = 0; i < spec.expectedIPs().size(); i++) {
      String field = "spec.expectedIPs[" + i + "]";
      try {
        addresses.add(
            UnreadableException.read(
                field,
                spec.expectedIPs().get(i),
                text -> InterfaceAddress.parse(text).address().toPrefix()));
      } catch (UnreadableException e) {
        e.tell(problems);
      }
    }
    List<NamedPort> ports = new ArrayList<>();
    for (HostEndpoint.Port port : spec.ports()) {
      port(port.name(), port.protocol().map(IntOrString::text), port.port()).ifPresent(ports::add);
    }
    Map<String, String> labels = new HashMap<>(endpoint.metadata().labels());
    labels.remove(Scopes.NAMESPACE); // hosts are in none
    Endpoint made =
        new Endpoint(
            new EndpointId.Host(endpoint.metadata().name()),
            labels,
            spec.profiles(),
            addresses,
            ports,
            local);
    return new Translated(List.of(new Fact.EndpointIs(made)), problems.lines());
  }

  static EndpointId idOfSet(Metadata metadata) {
    return new EndpointId.NetworkSet(metadata.namespace(), metadata.name());
  }

  static Translated set(NetworkSet set) {
    Map<String, String> labels = new HashMap<>(set.metadata().labels());
    String namespace = set.metadata().namespace();
    labels.put(Scopes.NAMESPACE, namespace);
    return set(set, labels, List.of(Profiles.ofNamespace(namespace)), set.spec().nets());
  }

  static Translated set(GlobalNetworkSet set) {
    Map<String, String> labels = new HashMap<>(set.metadata().labels());
    labels.remove(Scopes.NAMESPACE);
    return set(set, labels, List.of(), set.spec().nets());
  }

  private static Translated set(
      Resource set, Map<String, String> labels, List<String> profiles, List<String> nets) {
    Problems problems = new Problems(set);
    Set<Prefix> prefixes = new HashSet<>();
    for (int i = 0; i < nets.size(); i++) {
      try {
        prefixes.add(
            UnreadableException.read("spec.nets[" + i + "]", nets.get(i), RuleValues::net));
      } catch (UnreadableException e) {
        e.tell(problems);
      }
    }
    Endpoint made =
        new Endpoint(
            idOfSet(set.metadata()), labels, profiles, prefixes, List.of(), Optional.empty());
    return new Translated(List.of(new Fact.EndpointIs(made)), problems.lines());
  }
}
