package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.model.Address;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Resources that tests store. */
final class Fixtures {
  private Fixtures() {}

  static IPPool pool(String name, String cidr, int blockSize) {
    return new IPPool(
        Metadata.named(name), IPPool.Spec.of(Prefix.parse(cidr)).withBlockSize(blockSize));
  }

  static IPAMConfiguration configuration(
      boolean strict, int maxBlocks, boolean allocate, int cooldown) {
    return new IPAMConfiguration(
        Metadata.named("default"),
        new IPAMConfiguration.Spec(strict, maxBlocks, allocate, Optional.empty(), cooldown));
  }

  static IPReservation reservation(String name, String... cidrs) {
    return new IPReservation(
        Metadata.named(name), new IPReservation.Spec(Stream.of(cidrs).map(Prefix::parse).toList()));
  }

  static Node node(String name, Map<String, String> labels) {
    return new Node(Metadata.named(name).withLabels(labels), Node.Spec.EMPTY);
  }

  static WorkloadEndpoint endpoint(String node, String pod, Address address) {
    return new WorkloadEndpoint(
        Metadata.named("default", WorkloadEndpoint.nameOf(node, pod)),
        WorkloadEndpoint.Spec.ofPod(
            node, pod, "container-" + pod, List.of(address.toPrefix()), "cali0"));
  }

  static AutoAssignRequest request(String node, String handle, int count) {
    return AutoAssignRequest.of(node, IntendedUse.WORKLOAD).withCounts(count, 0).withHandle(handle);
  }

  static void store(Datastore datastore, Resource... resources) {
    for (Resource resource : resources) {
      datastore.create(resource);
    }
  }
}
