package dev.manul.ipam;

/** Which kind of resource says what pods there are. */
public enum PodSource {
  /** Kubernetes' own pods: one without an address yet is there as well. */
  PODS,
  /** Workload endpoints, in a datastore that knows no pods. */
  ENDPOINTS
}
