package dev.manul.e2e.lab;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.e2e.LabException;
import dev.manul.ipam.AssignmentResult;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Attaches pods to nodes the way the CNI plugin does: an address from IPAM, a veth pair with the
 * /32 inside and proxy ARP outside, and a WorkloadEndpoint, from which the node's agent makes the
 * route to the pod.
 */
final class PodNetwork {

  /** Every pod's way out; the node's end of the veth answers ARP for it. */
  private static final String GATEWAY = "169.254.1.1";

  /** The node's end of every veth. */
  private static final String NODE_END_MAC = "ee:ee:ee:ee:ee:ee";

  /** Room for the outer header of IP in IP on links of 1500 octets. */
  private static final int MTU = 1480;

  private final Datastore datastore;
  private final Ipam ipam;

  PodNetwork(Datastore datastore) {
    this.datastore = datastore;
    this.ipam = new Ipam(datastore, Clock.systemUTC());
  }

  Pod attach(Topology.Machine node, String name) {
    Address address = assign(node.name(), name);
    var pod = new Pod(name, node.name(), address.toString());
    wire(node, pod);
    WorkloadEndpoint endpoint =
        new WorkloadEndpoint(
            Metadata.named(Pod.NAMESPACE, WorkloadEndpoint.nameOf(node.name(), name)),
            WorkloadEndpoint.Spec.ofPod(
                node.name(),
                name,
                "lab-" + name,
                List.of(Prefix.of(address, address.family().bits())),
                pod.device()));
    if (datastore.create(endpoint) instanceof WriteResult.Conflict<WorkloadEndpoint>) {
      throw new LabException("pod %s: its WorkloadEndpoint is there already", name);
    }
    return pod;
  }

  private Address assign(String node, String pod) {
    AssignmentResult result =
        ipam.autoAssign(
            AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
                .withCounts(1, 0)
                .withHandle("k8s-pod-network.lab-" + pod)
                .withAttributes(Map.of("pod", pod, "namespace", Pod.NAMESPACE, "node", node)));
    List<Address> addresses = result.addresses(AddressFamily.IPV4);
    if (addresses.isEmpty()) {
      throw new LabException("pod %s: no address: %s", pod, String.join("; ", result.problems()));
    }
    return addresses.getFirst();
  }

  private static void wire(Topology.Machine node, Pod pod) {
    String device = pod.device();
    Fabric.addNamespace(pod.networkNamespace());
    Run.ip(
        node.namespace(),
        List.of(
            "link add %s address %s mtu %d type veth peer name eth0 mtu %d netns %s"
                .formatted(device, NODE_END_MAC, MTU, MTU, pod.networkNamespace()),
            "link set %s up".formatted(device)));
    Run.in(
        node.namespace(),
        "sysctl",
        "-qw",
        "net.ipv4.conf." + device + ".proxy_arp=1",
        "net.ipv4.conf." + device + ".forwarding=1",
        // Without this the kernel waits up to 0.8 s before it answers for another.
        "net.ipv4.neigh." + device + ".proxy_delay=0");
    Run.ip(
        pod.networkNamespace(),
        List.of(
            "address add %s/32 dev eth0".formatted(pod.address()),
            "link set eth0 up",
            "route add %s dev eth0 scope link".formatted(GATEWAY),
            "route add default via %s dev eth0".formatted(GATEWAY)));
  }
}
