package dev.manul.model;

import java.util.List;
import java.util.Optional;

/**
 * The other end of traffic in Kubernetes' policies for administrators: exactly one component is
 * said. When none is, it is of a newer version and must not be taken for anybody.
 *
 * @param namespaces all pods of the namespaces that this selects
 * @param pods some pods of some namespaces
 * @param nodes the nodes that this selects
 * @param networks addresses, as prefixes
 * @param domainNames names of hosts
 */
public record ClusterPeer(
    Optional<LabelSelector> namespaces,
    Optional<Pods> pods,
    Optional<LabelSelector> nodes,
    List<String> networks,
    List<String> domainNames) {

  public ClusterPeer {
    namespaces = Absent.optional(namespaces);
    pods = Absent.optional(pods);
    nodes = Absent.optional(nodes);
    networks = Absent.list(networks);
    domainNames = Absent.list(domainNames);
  }

  /**
   * Pods of namespaces.
   *
   * @param namespaceSelector which namespaces
   * @param podSelector which of their pods
   */
  public record Pods(LabelSelector namespaceSelector, LabelSelector podSelector) {
    public Pods {
      namespaceSelector = Absent.or(namespaceSelector, LabelSelector.ALL);
      podSelector = Absent.or(podSelector, LabelSelector.ALL);
    }
  }

  /**
   * Whom a policy is about: one of both is said.
   *
   * @param namespaces all pods of the namespaces that this selects
   * @param pods some pods of some namespaces
   */
  public record Subject(Optional<LabelSelector> namespaces, Optional<Pods> pods) {

    /** Nothing said. */
    public static final Subject EMPTY = new Subject(Optional.empty(), Optional.empty());

    public Subject {
      namespaces = Absent.optional(namespaces);
      pods = Absent.optional(pods);
    }
  }
}
