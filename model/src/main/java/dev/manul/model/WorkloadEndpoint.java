package dev.manul.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The end of a pod's link: its addresses and the device on the node. */
public record WorkloadEndpoint(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<WorkloadEndpoint> KIND =
      new Kind<>(
          "WorkloadEndpoint",
          "workloadendpoints",
          true,
          WorkloadEndpoint.class,
          List.of("workloadendpoint", "wep", "weps"));

  /** How the names of pods' devices on the node begin. */
  public static final String DEVICE_PREFIX = "cali";

  public WorkloadEndpoint {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<WorkloadEndpoint> kind() {
    return KIND;
  }

  @Override
  public WorkloadEndpoint withMetadata(Metadata newMetadata) {
    return new WorkloadEndpoint(newMetadata, spec);
  }

  /** The name of a Kubernetes pod's endpoint: {@code NODE-k8s-POD-eth0}, dashes within doubled. */
  public static String nameOf(String node, String pod) {
    return node.replace("-", "--") + "-k8s-" + pod.replace("-", "--") + "-eth0";
  }

  /**
   * The device on the node of a pod's link: {@code cali} and the first 11 hexadecimal digits of the
   * SHA-1 of {@code NAMESPACE.POD}, as Calico names it, so that other tools know it.
   */
  public static String deviceOf(String namespace, String pod) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((namespace + "." + pod).getBytes(StandardCharsets.UTF_8));
      return DEVICE_PREFIX + HexFormat.of().formatHex(digest).substring(0, 11);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /**
   * The endpoint.
   *
   * @param orchestrator such as {@code k8s}
   * @param workload the workload's name where there are no pods, or ""
   * @param node where it is
   * @param pod the pod's name, or ""
   * @param containerID of the pod's sandbox, or ""
   * @param endpoint which of the pod's links, such as {@code eth0}
   * @param serviceAccountName or ""
   * @param ipNetworks its addresses, as /32 and /128
   * @param ipNATs addresses that stand for its own
   * @param ipv4Gateway its default gateway, or ""
   * @param ipv6Gateway its default IPv6 gateway, or ""
   * @param profiles names of profiles, in order
   * @param interfaceName the device on the node
   * @param mac the pod's MAC address, or ""
   * @param ports named ports
   * @param allowSpoofedSourcePrefixes source addresses it may use besides its own
   * @param qosControls limits by name, as found
   */
  public record Spec(
      String orchestrator,
      String workload,
      String node,
      String pod,
      String containerID,
      String endpoint,
      String serviceAccountName,
      List<Prefix> ipNetworks,
      List<IpNat> ipNATs,
      String ipv4Gateway,
      String ipv6Gateway,
      List<String> profiles,
      String interfaceName,
      String mac,
      List<Port> ports,
      List<Prefix> allowSpoofedSourcePrefixes,
      Map<String, Object> qosControls) {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null,
            null, null, null);

    public Spec {
      orchestrator = Absent.text(orchestrator);
      workload = Absent.text(workload);
      node = Absent.text(node);
      pod = Absent.text(pod);
      containerID = Absent.text(containerID);
      endpoint = Absent.text(endpoint);
      serviceAccountName = Absent.text(serviceAccountName);
      ipNetworks = Absent.list(ipNetworks);
      ipNATs = Absent.list(ipNATs);
      ipv4Gateway = Absent.text(ipv4Gateway);
      ipv6Gateway = Absent.text(ipv6Gateway);
      profiles = Absent.list(profiles);
      interfaceName = Absent.text(interfaceName);
      mac = Absent.text(mac);
      ports = Absent.list(ports);
      allowSpoofedSourcePrefixes = Absent.list(allowSpoofedSourcePrefixes);
      qosControls = Absent.map(qosControls);
    }

    /** A Kubernetes pod's endpoint with its first link. */
    public static Spec ofPod(
        String node, String pod, String containerID, List<Prefix> addresses, String device) {
      return new Spec(
          "k8s",
          null,
          node,
          pod,
          containerID,
          "eth0",
          null,
          addresses,
          null,
          null,
          null,
          null,
          device,
          null,
          null,
          null,
          null);
    }
  }

  /** An address that stands for one of the endpoint's own. */
  public record IpNat(String internalIP, String externalIP) {
    public IpNat {
      internalIP = Absent.text(internalIP);
      externalIP = Absent.text(externalIP);
    }
  }

  /**
   * A named port.
   *
   * @param protocol a name or a number
   * @param port 1 to 65535
   * @param hostPort the port on the node, 0 for none
   * @param hostIP the address on the node, or ""
   */
  public record Port(String name, String protocol, int port, int hostPort, String hostIP) {
    public Port {
      name = Absent.text(name);
      protocol = Absent.text(protocol);
      hostIP = Absent.text(hostIP);
    }
  }
}
