package dev.manul.agent;

import dev.manul.agent.AgentConfiguration.AddressSource;
import dev.manul.agent.AgentConfiguration.PoolSettings;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.ClusterInformation;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent itself writes to the datastore: its Node and, where there is none, the default
 * pool and the default configurations. Blocks on the datastore; used by the {@code registrar}
 * thread.
 */
final class NodeRegistration {
  private static final Logger log = LoggerFactory.getLogger(NodeRegistration.class);

  /** A compare-and-set on one object loses a few races at most; more means something is wrong. */
  private static final int MOST_TRIES = 20;

  private final AgentConfiguration configuration;
  private final Datastore datastore;
  private final Supplier<List<Prefix>> podSubnets;

  /**
   * @param podSubnets the prefixes that the cluster was made with, asked for when a pool is made
   */
  NodeRegistration(
      AgentConfiguration configuration, Datastore datastore, Supplier<List<Prefix>> podSubnets) {
    this.configuration = configuration;
    this.datastore = datastore;
    this.podSubnets = podSubnets;
  }

  /** The addresses a node was found to have. */
  record Detected(Optional<InterfaceAddress> ipv4, Optional<InterfaceAddress> ipv6) {}

  /**
   * Makes or updates this node's Node.
   *
   * @param interfaces this host's interfaces
   * @param sourceTowards the kernel's answer for {@code can-reach}
   * @return the node as stored
   * @throws AgentException when no address can be found, or another node has it
   */
  Node register(List<HostInterface> interfaces, Function<String, Optional<Address>> sourceTowards) {
    Optional<Node> stored = datastore.get(Node.KIND, Key.of(configuration.nodeName()));
    Detected addresses = addresses(stored, interfaces, sourceTowards);
    if (addresses.ipv4().isEmpty() && addresses.ipv6().isEmpty()) {
      throw new AgentException(
          "Couldn't autodetect an address of this node: no interface fits; set IP or"
              + " IP_AUTODETECTION_METHOD ("
              + DetectionMethod.ALLOWED
              + ")");
    }
    if (configuration.checkAddressConflicts()) {
      refuseConflict(addresses);
    }
    return change(node -> withAddresses(node, addresses));
  }

  /** The addresses that this node should have now. */
  Detected addresses(
      Optional<Node> stored,
      List<HostInterface> interfaces,
      Function<String, Optional<Address>> sourceTowards) {
    Optional<Node.Bgp> known = stored.flatMap(node -> node.spec().bgp());
    List<Address> internal = stored.map(NodeRegistration::internalAddresses).orElse(List.of());
    return new Detected(
        address(
            AddressFamily.IPV4,
            configuration.ipv4(),
            known.flatMap(Node.Bgp::ipv4Address),
            internal,
            interfaces,
            sourceTowards),
        address(
            AddressFamily.IPV6,
            configuration.ipv6(),
            known.flatMap(Node.Bgp::ipv6Address),
            internal,
            interfaces,
            sourceTowards));
  }

  private Optional<InterfaceAddress> address(
      AddressFamily family,
      AddressSource source,
      Optional<InterfaceAddress> known,
      List<Address> internal,
      List<HostInterface> interfaces,
      Function<String, Optional<Address>> sourceTowards) {
    return switch (source) {
      case AddressSource.Keep() -> known;
      case AddressSource.Fixed fixed ->
          Optional.of(
              fixed.withSubnet()
                  ? fixed.address()
                  : AddressDetection.withSubnet(fixed.bare(), interfaces));
      case AddressSource.DetectIfMissing(DetectionMethod method) ->
          known.isPresent()
              ? known
              : AddressDetection.detect(method, family, interfaces, sourceTowards, internal);
      case AddressSource.Detect(DetectionMethod method) -> {
        Optional<InterfaceAddress> found =
            AddressDetection.detect(method, family, interfaces, sourceTowards, internal);
        if (found.isEmpty() && known.isPresent()) {
          log.warn(
              "Autodetection of the {} address failed, keeping existing value {}",
              family,
              known.get());
        }
        yield found.isPresent() ? found : known;
      }
    };
  }

  /** The InternalIPs that the cluster's own records give a node. */
  private static List<Address> internalAddresses(Node node) {
    return node.spec().addresses().stream()
        .filter(address -> address.type().equals("InternalIP"))
        .map(address -> InterfaceAddress.parse(address.address()).address())
        .toList();
  }

  private void refuseConflict(Detected addresses) {
    for (Node other : datastore.list(Node.KIND, Selection.ALL).items()) {
      if (other.metadata().name().equals(configuration.nodeName())) {
        continue;
      }
      for (AddressFamily family : AddressFamily.values()) {
        Optional<Address> own =
            (family == AddressFamily.IPV4 ? addresses.ipv4() : addresses.ipv6())
                .map(InterfaceAddress::address);
        if (own.isPresent() && own.equals(Peering.address(other, family))) {
          throw new AgentException(
              "address "
                  + own.get()
                  + " is already that of node "
                  + other.metadata().name()
                  + "; set IP or IP_AUTODETECTION_METHOD, or DISABLE_NODE_IP_CHECK=true");
        }
      }
    }
  }

  /** {@code node} with these addresses and the configured AS number. */
  Node withAddresses(Node node, Detected addresses) {
    Node.Bgp bgp = node.spec().bgp().orElse(Node.Bgp.EMPTY);
    Optional<Long> asNumber =
        configuration.asNumber().isPresent()
            ? Optional.of(configuration.asNumber().getAsLong())
            : bgp.asNumber();
    return node.withSpec(
        node.spec()
            .withBgp(
                Optional.of(
                    bgp.withIpv4Address(addresses.ipv4())
                        .withIpv6Address(addresses.ipv6())
                        .withAsNumber(asNumber))));
  }

  /**
   * Changes this node's Node, made first if missing, by compare-and-set; writes only a difference.
   */
  Node change(UnaryOperator<Node> change) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Optional<Node> stored = datastore.get(Node.KIND, Key.of(configuration.nodeName()));
      Node before =
          stored.orElseGet(
              () -> new Node(Metadata.named(configuration.nodeName()), Node.Spec.EMPTY));
      Node after = change.apply(before);
      if (stored.isPresent() && after.equals(before)) {
        return before;
      }
      WriteResult<Node> result = stored.isPresent() ? datastore.update(after) : create(after);
      if (result instanceof WriteResult.Written<Node>(Node written)) {
        return written;
      }
    }
    throw new AgentException(
        "Node " + configuration.nodeName() + " is changed by others faster than it can be written");
  }

  private WriteResult<Node> create(Node node) {
    try {
      return datastore.create(node);
    } catch (InvalidResourceException e) {
      throw new AgentException("this node is not registered yet: " + e.getMessage(), e);
    }
  }

  /** Makes what a new cluster lacks; never changes what is there, but for the agents' version. */
  void createDefaults(Node self) {
    describeCluster(AgentVersion.text());
    createIfAbsent(
        BGPConfiguration.KIND,
        new BGPConfiguration(Metadata.named("default"), BGPConfiguration.Spec.DEFAULT));
    createIfAbsent(IPAMConfiguration.KIND, new IPAMConfiguration(Metadata.named("default"), null));
    createIfAbsent(
        FelixConfiguration.KIND, new FelixConfiguration(Metadata.named("default"), null));
    List<IPPool> pools = datastore.list(IPPool.KIND, Selection.ALL).items();
    createPool(AddressFamily.IPV4, configuration.ipv4Pool(), pools, self);
    createPool(AddressFamily.IPV6, configuration.ipv6Pool(), pools, self);
  }

  /**
   * Says once what this cluster is, and which version its agents have. What Calico's nodes say is
   * left as it is: calicoctl compares it with its own version.
   */
  void describeCluster(String version) {
    boolean cluster = configuration.store() instanceof AgentConfiguration.Store.Kubernetes;
    String text = Character.isDigit(version.charAt(0)) ? "v" + version : version;
    createIfAbsent(
        ClusterInformation.KIND,
        new ClusterInformation(
            Metadata.named(ClusterInformation.DEFAULT_NAME),
            new ClusterInformation.Spec(
                UUID.randomUUID().toString().replace("-", ""),
                cluster ? "k8s,bgp,kdd" : "bgp,file",
                text,
                true,
                ClusterInformation.VARIANT)));
    datastore
        .get(ClusterInformation.KIND, ClusterInformation.DEFAULT_KEY)
        .filter(stored -> stored.spec().variant().equals(ClusterInformation.VARIANT))
        .filter(stored -> !stored.spec().calicoVersion().equals(text))
        .map(stored -> stored.withSpec(stored.spec().withCalicoVersion(text)))
        // another agent that says the same at the same time has said it for this one
        .ifPresent(datastore::update);
  }

  private void createPool(
      AddressFamily family, Optional<PoolSettings> settings, List<IPPool> pools, Node self) {
    if (settings.isEmpty() || pools.stream().anyMatch(p -> p.spec().cidr().family() == family)) {
      return;
    }
    PoolSettings pool = settings.get();
    String name = family == AddressFamily.IPV4 ? "default-ipv4-ippool" : "default-ipv6-ippool";
    createIfAbsent(
        IPPool.KIND,
        new IPPool(
            Metadata.named(name),
            new IPPool.Spec(
                pool.cidr().or(() -> podSubnet(family)).orElseGet(() -> freePool(self)),
                pool.ipipMode(),
                pool.vxlanMode(),
                pool.natOutgoing(),
                false,
                pool.disableBgpExport(),
                pool.blockSize(),
                pool.nodeSelector(),
                null,
                null,
                null,
                Optional.empty(),
                Optional.of(pool.udpMode()))));
  }

  private Optional<Prefix> podSubnet(AddressFamily family) {
    return podSubnets.get().stream().filter(subnet -> subnet.family() == family).findFirst();
  }

  /** 192.168.0.0/16, or the first of 172.16 to 172.31 that leaves the node's own subnet alone. */
  private static Prefix freePool(Node self) {
    Optional<Prefix> subnet =
        self.spec().bgp().flatMap(Node.Bgp::ipv4Address).map(InterfaceAddress::subnet);
    Prefix usual = Prefix.parse("192.168.0.0/16");
    if (subnet.filter(usual::overlaps).isEmpty()) {
      return usual;
    }
    for (int second = 16; second < 32; second++) {
      Prefix candidate = Prefix.parse("172." + second + ".0.0/16");
      if (subnet.filter(candidate::overlaps).isEmpty()) {
        return candidate;
      }
    }
    throw new AgentException(
        "no default pool is free of this node's subnet; set CALICO_IPV4POOL_CIDR");
  }

  private <R extends Resource> void createIfAbsent(Kind<R> kind, R resource) {
    if (datastore.get(kind, resource.key()).isPresent()) {
      return;
    }
    // A conflict means another node was first with the same default: just as good.
    if (datastore.create(resource) instanceof WriteResult.Written<R>) {
      log.info("created kind={} name={}", kind, resource.key());
    }
  }
}
