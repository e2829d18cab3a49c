package dev.manul.policy.meaning;

/** Whose addresses and labels. */
public sealed interface EndpointId {

  /** A pod's interface; the name is that of its WorkloadEndpoint. */
  record Workload(String namespace, String name) implements EndpointId {}

  /** Interfaces of a host that a HostEndpoint is about. */
  record Host(String name) implements EndpointId {}

  /** A NetworkSet, or a GlobalNetworkSet when the namespace is "". */
  record NetworkSet(String namespace, String name) implements EndpointId {}
}
