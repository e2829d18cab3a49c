package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Key;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One end of a flow.
 *
 * @param name what people call it: a pod as {@code namespace/name}, else the address
 * @param node where the pod is; "" when the address is no pod's
 */
record FlowEnd(String name, List<Address> addresses, String node) {

  FlowEnd {
    addresses = List.copyOf(addresses);
  }

  Optional<Address> address(AddressFamily family) {
    return addresses.stream().filter(address -> address.family() == family).findFirst();
  }

  /** The first family of which both ends have an address. */
  static AddressFamily commonFamily(FlowEnd source, FlowEnd destination) {
    return Arrays.stream(AddressFamily.values())
        .filter(f -> source.address(f).isPresent() && destination.address(f).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                CommandFailure.failed(
                    source.name()
                        + " and "
                        + destination.name()
                        + " have no address family in common"));
  }

  /**
   * Finds an end in the datastore.
   *
   * @param pods whether the datastore has Kubernetes' pods; if not, workload endpoints stand for
   *     them
   * @param namespace of a pod that is named without one
   */
  static FlowEnd find(Datastore datastore, boolean pods, String given, String namespace) {
    Optional<Address> address = parse(given);
    if (address.isPresent()) {
      return list(datastore, pods)
          .filter(end -> end.addresses().contains(address.get()))
          .findFirst()
          .map(end -> new FlowEnd(end.name(), List.of(address.get()), end.node()))
          .orElseGet(() -> new FlowEnd(given, List.of(address.get()), ""));
    }
    int slash = given.indexOf('/');
    Key key =
        new Key(slash < 0 ? namespace : given.substring(0, slash), given.substring(slash + 1));
    FlowEnd found =
        (pods
                ? datastore.get(Pod.KIND, key).flatMap(FlowEnd::of)
                : list(datastore, false)
                    .filter(end -> end.name().equals(key.toString()))
                    .findFirst())
            .orElseThrow(
                () ->
                    CommandFailure.failed(
                        "no pod "
                            + key
                            + " with a network of its own; wanted NAMESPACE/POD, a pod of"
                            + " the namespace of -n, or an address"));
    if (found.addresses().isEmpty()) {
      throw CommandFailure.failed("pod " + key + " has no address yet");
    }
    return found;
  }

  private static Optional<Address> parse(String text) {
    try {
      return Optional.of(Address.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** All pods with networks of their own; see {@link #find}. */
  static Stream<FlowEnd> list(Datastore datastore, boolean pods) {
    Stream<? extends Resource> all =
        pods
            ? datastore.list(Pod.KIND, Selection.ALL).items().stream()
            : datastore.list(WorkloadEndpoint.KIND, Selection.ALL).items().stream();
    return all.flatMap(
        resource ->
            switch (resource) {
              case Pod pod -> of(pod).stream();
              case WorkloadEndpoint endpoint -> Stream.of(of(endpoint));
              default -> Stream.empty();
            });
  }

  /** A pod in its host's network is that host, as far as policy goes. */
  private static Optional<FlowEnd> of(Pod pod) {
    return pod.spec().hostNetwork() || pod.finished()
        ? Optional.empty()
        : Optional.of(
            new FlowEnd(
                pod.key().toString(),
                pod.status().podIPs().stream().flatMap(text -> parse(text).stream()).toList(),
                pod.spec().nodeName()));
  }

  private static FlowEnd of(WorkloadEndpoint endpoint) {
    String pod = endpoint.spec().pod();
    return new FlowEnd(
        endpoint.metadata().namespace() + "/" + (pod.isEmpty() ? endpoint.metadata().name() : pod),
        endpoint.spec().ipNetworks().stream().map(Prefix::address).toList(),
        endpoint.spec().node());
  }
}
