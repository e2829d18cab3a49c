package dev.manul.policy.translation;

import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.EndpointSlice;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.Namespace;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.Pod;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.ServiceAccount;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.ServiceId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What resources mean for policy. Pure. */
public final class Translation {
  private Translation() {}

  /** What is so before any resource is read: the tiers and the profile that are always there. */
  public static List<Fact> builtIn() {
    List<Fact> facts = new ArrayList<>();
    Tiers.builtIn().forEach(tier -> facts.add(new Fact.TierIs(tier)));
    facts.add(new Fact.ProfileIs(Profiles.DEFAULT_ALLOW));
    return List.copyOf(facts);
  }

  /**
   * What a resource of a kind means that needs nothing beside it: a policy, tier, network set,
   * profile, namespace or service account.
   *
   * @throws IllegalArgumentException for another kind
   */
  public static Translated of(Resource resource) {
    return switch (resource) {
      case KubernetesNetworkPolicy policy -> KubernetesPolicies.policy(policy);
      case NetworkPolicy policy -> CalicoPolicies.policy(policy);
      case GlobalNetworkPolicy policy -> CalicoPolicies.policy(policy);
      case StagedNetworkPolicy policy -> CalicoPolicies.policy(policy);
      case StagedGlobalNetworkPolicy policy -> CalicoPolicies.policy(policy);
      case StagedKubernetesNetworkPolicy policy -> KubernetesPolicies.policy(policy);
      case AdminNetworkPolicy policy -> ClusterPolicies.policy(policy);
      case BaselineAdminNetworkPolicy policy -> ClusterPolicies.policy(policy);
      case ClusterNetworkPolicy policy -> ClusterPolicies.policy(policy);
      case Tier tier -> Tiers.of(tier);
      case NetworkSet set -> Endpoints.set(set);
      case GlobalNetworkSet set -> Endpoints.set(set);
      case Profile profile -> Profiles.of(profile);
      case Namespace namespace -> Profiles.of(namespace);
      case ServiceAccount account -> Profiles.of(account);
      default -> throw unknown(resource);
    };
  }

  /**
   * What is so when a resource is gone.
   *
   * @param resource as it was last
   */
  public static Fact gone(Resource resource) {
    return switch (resource) {
      case Tier tier -> Tiers.gone(tier.metadata().name());
      case NetworkSet set -> new Fact.EndpointGone(Endpoints.idOfSet(set.metadata()));
      case GlobalNetworkSet set -> new Fact.EndpointGone(Endpoints.idOfSet(set.metadata()));
      case Pod pod -> new Fact.EndpointGone(Endpoints.idOf(pod));
      case WorkloadEndpoint endpoint -> new Fact.EndpointGone(Endpoints.idOf(endpoint));
      case HostEndpoint host -> new Fact.EndpointGone(new EndpointId.Host(host.metadata().name()));
      case Profile profile ->
          profile.metadata().name().equals(Profiles.DEFAULT_ALLOW.name())
              ? new Fact.ProfileIs(Profiles.DEFAULT_ALLOW)
              : new Fact.ProfileGone(profile.metadata().name());
      case Namespace namespace ->
          new Fact.ProfileGone(Profiles.ofNamespace(namespace.metadata().name()));
      case ServiceAccount account ->
          new Fact.ProfileGone(
              Profiles.ofAccount(account.metadata().namespace(), account.metadata().name()));
      default -> new Fact.PolicyGone(CalicoPolicies.id(type(resource), resource.metadata()));
    };
  }

  /** Which policy a resource of one of the kinds of policies is. */
  public static PolicyId policyId(Resource resource) {
    return CalicoPolicies.id(type(resource), resource.metadata());
  }

  private static PolicyId.Type type(Resource resource) {
    return switch (resource) {
      case KubernetesNetworkPolicy _ -> PolicyId.Type.KUBERNETES_NETWORK_POLICY;
      case NetworkPolicy _ -> PolicyId.Type.NETWORK_POLICY;
      case GlobalNetworkPolicy _ -> PolicyId.Type.GLOBAL_NETWORK_POLICY;
      case StagedNetworkPolicy _ -> PolicyId.Type.STAGED_NETWORK_POLICY;
      case StagedGlobalNetworkPolicy _ -> PolicyId.Type.STAGED_GLOBAL_NETWORK_POLICY;
      case StagedKubernetesNetworkPolicy _ -> PolicyId.Type.STAGED_KUBERNETES_NETWORK_POLICY;
      case AdminNetworkPolicy _ -> PolicyId.Type.ADMIN_NETWORK_POLICY;
      case BaselineAdminNetworkPolicy _ -> PolicyId.Type.BASELINE_ADMIN_NETWORK_POLICY;
      case ClusterNetworkPolicy _ -> PolicyId.Type.CLUSTER_NETWORK_POLICY;
      default -> throw unknown(resource);
    };
  }

  /**
   * A pod's endpoint. A pod on the host's network, one that has ended, and one that no node was
   * found for have none.
   *
   * @param local when the pod is on this node
   */
  public static Translated pod(Pod pod, Optional<Endpoint.Local> local) {
    return Endpoints.pod(pod, local);
  }

  /**
   * A workload endpoint, where there are no pods to read.
   *
   * @param local when it is on this node
   */
  public static Translated workload(WorkloadEndpoint endpoint, Optional<Endpoint.Local> local) {
    return Endpoints.workload(endpoint, local);
  }

  /**
   * A host endpoint.
   *
   * @param local when it is on this node and its interface is known
   */
  public static Translated host(HostEndpoint endpoint, Optional<Endpoint.Local> local) {
    return Endpoints.host(endpoint, local);
  }

  /** The service that a slice is of; empty when it is of none. */
  public static Optional<ServiceId> serviceOf(EndpointSlice slice) {
    return slice.service().isEmpty()
        ? Optional.empty()
        : Optional.of(new ServiceId(slice.metadata().namespace(), slice.service()));
  }

  /**
   * A service.
   *
   * @param slices all of its slices; none when it is gone
   */
  public static Translated service(ServiceId service, Collection<EndpointSlice> slices) {
    return Services.of(service, slices);
  }

  private static IllegalArgumentException unknown(Resource resource) {
    return new IllegalArgumentException(resource.kind() + " means nothing by itself");
  }
}
