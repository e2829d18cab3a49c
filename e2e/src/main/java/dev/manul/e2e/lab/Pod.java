package dev.manul.e2e.lab;

import dev.manul.model.WorkloadEndpoint;

/**
 * A pod of a lab.
 *
 * @param name its name, in the namespace {@link #NAMESPACE}
 * @param node the node it runs on
 * @param address its IPv4 address
 */
public record Pod(String name, String node, String address) {

  /** The Kubernetes namespace of all pods of labs. */
  public static final String NAMESPACE = "lab";

  /** The network namespace's name. */
  public String networkNamespace() {
    return networkNamespaceOf(name);
  }

  static String networkNamespaceOf(String pod) {
    return Fabric.PREFIX + "pod-" + pod;
  }

  /** The device on the node: {@code cali} and the start of SHA-1("namespace.pod"), as Calico's. */
  public String device() {
    return deviceOf(name);
  }

  static String deviceOf(String pod) {
    return WorkloadEndpoint.deviceOf(NAMESPACE, pod);
  }
}
