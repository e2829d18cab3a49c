package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Prefix;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is remembered of one link of a container, in a file of its own.
 *
 * @param phase how far it has come
 * @param workload who it is for
 * @param network the network's name
 * @param netns the file of the container's namespace, or "" when it was never known
 * @param device the node's end
 * @param deviceIndex its index, 0 until it is made
 * @param mac the hardware address of the container's end, or "" until it is made
 * @param mtu of both ends
 * @param addresses the container's addresses
 * @param port its place on a bridge; empty when its addresses have routes of their own
 * @param since when it was begun
 */
record Attachment(
    Phase phase,
    Workload workload,
    String network,
    String netns,
    String device,
    int deviceIndex,
    String mac,
    int mtu,
    List<Address> addresses,
    Optional<BridgePort> port,
    Instant since) {

  /** How far an attachment has come. */
  enum Phase {
    /** It is being made; when nobody does so any more it is to be undone. */
    ADDING,
    /** It is made. */
    DONE,
    /** All of it is gone but what the datastore holds, which waits to be released. */
    RELEASING
  }

  private static final int FORMAT = 1;

  Attachment {
    addresses = List.copyOf(addresses);
  }

  /** One that is about to be made. */
  static Attachment begun(Workload workload, String network, String netns, Instant now) {
    return new Attachment(
        Phase.ADDING,
        workload,
        network,
        netns,
        workload.device(),
        0,
        "",
        0,
        List.of(),
        Optional.empty(),
        now);
  }

  AttachmentKey key() {
    return workload.key();
  }

  /** Under which its addresses are known to the IPAM. */
  String handle() {
    return network + "." + key().containerId();
  }

  Set<Prefix> prefixes() {
    Set<Prefix> prefixes = new HashSet<>();
    addresses.forEach(address -> prefixes.add(address.toPrefix()));
    return prefixes;
  }

  boolean has(AddressFamily family) {
    return addresses.stream().anyMatch(address -> address.family() == family);
  }

  Attachment withPhase(Phase newPhase) {
    return new Attachment(
        newPhase, workload, network, netns, device, deviceIndex, mac, mtu, addresses, port, since);
  }

  Attachment withLink(int newIndex, String newMac, int newMtu) {
    return new Attachment(
        phase, workload, network, netns, device, newIndex, newMac, newMtu, addresses, port, since);
  }

  Attachment withAddresses(List<Address> newAddresses) {
    return new Attachment(
        phase, workload, network, netns, device, deviceIndex, mac, mtu, newAddresses, port, since);
  }

  Attachment withPort(Optional<BridgePort> newPort) {
    return new Attachment(
        phase, workload, network, netns, device, deviceIndex, mac, mtu, addresses, newPort, since);
  }

  /** Its addresses as its link has them: on a bridge in their subnet, else alone. */
  List<InterfaceAddress> interfaceAddresses() {
    return addresses.stream()
        .map(
            address ->
                new InterfaceAddress(
                    address,
                    port.map(p -> p.gateway(address).length()).orElse(address.family().bits())))
        .toList();
  }

  /** Which routes the node has for it: to its addresses, or to their subnets on a bridge. */
  Set<Prefix> routed() {
    return port.map(BridgePort::subnets).orElseGet(this::prefixes);
  }

  /** By which its packets of a family leave. */
  Address gateway(AddressFamily family) {
    return port.flatMap(p -> p.gateway(family))
        .orElse(family == AddressFamily.IPV4 ? PodLink.GATEWAY_V4 : PodLink.GATEWAY_V6);
  }

  String toJson() {
    ObjectNode tree = Json.newObject();
    tree.put("format", FORMAT);
    tree.put("phase", phase.name().toLowerCase(Locale.ROOT));
    tree.put("containerId", key().containerId());
    tree.put("ifname", key().ifname());
    tree.put("namespace", workload.namespace());
    tree.put("pod", workload.pod());
    tree.put("uid", workload.uid());
    tree.put("network", network);
    tree.put("netns", netns);
    tree.put("device", device);
    tree.put("deviceIndex", deviceIndex);
    tree.put("mac", mac);
    tree.put("mtu", mtu);
    ArrayNode list = tree.putArray("addresses");
    addresses.forEach(address -> list.add(address.text()));
    port.ifPresent(p -> write(p, tree.putObject("port")));
    tree.put("since", since.toString());
    return Json.text(tree);
  }

  /**
   * The other way of {@link #toJson}.
   *
   * @throws IllegalArgumentException when it is not what that writes
   */
  static Attachment ofJson(ObjectNode tree) {
    try {
      if (Json.integer(tree, "format", 0) != FORMAT) {
        throw new IllegalArgumentException("field format is not " + FORMAT);
      }
      AttachmentKey key =
          new AttachmentKey(Json.text(tree, "containerId"), Json.text(tree, "ifname"));
      return new Attachment(
          Phase.valueOf(Json.text(tree, "phase").toUpperCase(Locale.ROOT)),
          new Workload(
              key, Json.text(tree, "namespace"), Json.text(tree, "pod"), Json.text(tree, "uid")),
          Json.text(tree, "network"),
          Json.text(tree, "netns"),
          Json.text(tree, "device"),
          Json.integer(tree, "deviceIndex", 0),
          Json.text(tree, "mac"),
          Json.integer(tree, "mtu", 0),
          Json.texts(tree, "addresses").stream().map(Address::parse).toList(),
          port(tree),
          Instant.parse(Json.text(tree, "since")));
    } catch (Json.WrongFieldException | java.time.format.DateTimeParseException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static void write(BridgePort port, ObjectNode tree) {
    tree.put("bridge", port.settings().name());
    tree.put("hairpin", port.settings().hairpin());
    tree.put("promiscuous", port.settings().promiscuous());
    ArrayNode list = tree.putArray("gateways");
    port.gateways().forEach(gateway -> list.add(gateway.toString()));
  }

  private static Optional<BridgePort> port(ObjectNode attachment) {
    if (Json.field(attachment, "port").isEmpty()) {
      return Optional.empty();
    }
    ObjectNode tree = Json.object(attachment, "port");
    return Optional.of(
        new BridgePort(
            new BridgeSettings(
                Json.text(tree, "bridge"),
                Json.truth(tree, "hairpin").orElse(false),
                Json.truth(tree, "promiscuous").orElse(false)),
            Json.texts(tree, "gateways").stream().map(InterfaceAddress::parse).toList()));
  }
}
