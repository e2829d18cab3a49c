package dev.manul.cni;

import dev.manul.model.WorkloadEndpoint;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who a link is for: a Kubernetes pod, or a container of which nothing more is known.
 *
 * @param key the container's link
 * @param namespace the pod's namespace, or ""
 * @param pod the pod's name, or ""
 * @param uid the pod's identity, or ""
 */
record Workload(AttachmentKey key, String namespace, String pod, String uid) {

  /** The name of a pod's own link; others are further networks'. */
  private static final String MAIN_LINK = "eth0";

  private static final String PLAIN_NAMESPACE = "default";
  private static final Pattern NOT_IN_NAMES = Pattern.compile("[^a-z0-9.-]");
  private static final int DEVICE_DIGITS = 11;

  static Workload of(Invocation invocation) {
    Optional<String> namespace = invocation.argument("K8S_POD_NAMESPACE");
    Optional<String> pod = invocation.argument("K8S_POD_NAME");
    if (namespace.isEmpty() || pod.isEmpty()) {
      return new Workload(invocation.key(), "", "", "");
    }
    String uid = invocation.argument("K8S_POD_UID").orElse("");
    return new Workload(invocation.key(), namespace.get(), pod.get(), uid);
  }

  boolean isPod() {
    return !pod.isEmpty();
  }

  /** Whether a pod of its name with this uid can be it, as far as the runtime has told. */
  boolean mayBe(String podUid) {
    return uid.isEmpty() || uid.equals(podUid);
  }

  /** The node's end of the link. */
  String device() {
    boolean main = key.ifname().equals(MAIN_LINK);
    if (isPod()) {
      return WorkloadEndpoint.deviceOf(namespace, main ? pod : pod + "." + key.ifname());
    }
    return WorkloadEndpoint.DEVICE_PREFIX
        + sha1(main ? key.containerId() : key.fileName()).substring(0, DEVICE_DIGITS);
  }

  /** Whether the datastore has an endpoint for it: a pod has one, of its first link. */
  boolean hasEndpoint() {
    return !isPod() || key.ifname().equals(MAIN_LINK);
  }

  String endpointNamespace() {
    return isPod() ? namespace : PLAIN_NAMESPACE;
  }

  /** The name of the endpoint, as Calico names it. */
  String endpointName(String node) {
    return isPod()
        ? WorkloadEndpoint.nameOf(node, pod)
        : dashed(node) + "-cni-" + named(key.containerId()) + "-" + named(key.ifname());
  }

  /** As a resource may be named: a runtime may choose an id with other characters. */
  private static String named(String part) {
    return NOT_IN_NAMES.matcher(dashed(part).toLowerCase(Locale.ROOT)).replaceAll("-");
  }

  /** A dash is between the parts, so one inside a part is doubled. */
  private static String dashed(String part) {
    return part.replace("-", "--");
  }

  private static String sha1(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** For messages and logs. */
  @Override
  public String toString() {
    return isPod() ? namespace + "/" + pod : "container " + key.containerId();
  }
}
