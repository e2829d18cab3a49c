package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** Interfaces of a node that policies are about. */
public record HostEndpoint(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<HostEndpoint> KIND =
      new Kind<>(
          "HostEndpoint",
          "hostendpoints",
          false,
          HostEndpoint.class,
          List.of("hostendpoint", "hep", "heps"));

  public HostEndpoint {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<HostEndpoint> kind() {
    return KIND;
  }

  @Override
  public HostEndpoint withMetadata(Metadata newMetadata) {
    return new HostEndpoint(newMetadata, spec);
  }

  /**
   * What it says.
   *
   * @param node the node
   * @param interfaceName of the interface; {@code *}: all of the node's; "": the one that has an
   *     expected address
   * @param expectedIPs the addresses that it has or should have
   * @param profiles names of profiles, in order
   * @param ports named ports
   */
  public record Spec(
      String node,
      String interfaceName,
      List<String> expectedIPs,
      List<String> profiles,
      List<Port> ports) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null, null, null);

    public Spec {
      node = Absent.text(node);
      interfaceName = Absent.text(interfaceName);
      expectedIPs = Absent.list(expectedIPs);
      profiles = Absent.list(profiles);
      ports = Absent.list(ports);
    }
  }

  /**
   * A named port.
   *
   * @param name for the ports of rules
   * @param protocol {@code TCP}, {@code UDP}, {@code SCTP} or its number
   * @param port 1 to 65535
   */
  public record Port(String name, Optional<IntOrString> protocol, int port) {
    public Port {
      name = Absent.text(name);
      protocol = Absent.optional(protocol);
    }
  }
}
