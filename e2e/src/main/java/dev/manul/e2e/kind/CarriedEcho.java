package dev.manul.e2e.kind;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Frames;
import dev.manul.e2e.lab.PoolMode.Carrier;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.VxlanTunnel;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An echo request of a pod's as it was on the wire of the node that sent it on.
 *
 * @param from the pod's address
 * @param to the address it is for
 * @param carrier what it was wrapped in
 * @param wrapping the headers around it, in words; empty where there are none
 * @param outer the addresses of those; empty where there are none
 * @param mac where VXLAN's inner Ethernet frame was addressed to; empty where there is none
 */
record CarriedEcho(
    String from,
    String to,
    Carrier carrier,
    String wrapping,
    Optional<Ends> outer,
    Optional<String> mac) {

  /** Two ends. */
  record Ends(String source, String destination) {}

  private static final String DEVICE = "net0";
  private static final String FRAMES = "400";
  private static final int TYPE_IPV4 = 0x0800;
  private static final int ECHO_REQUEST = 8;
  private static final int PROTOCOL_IPIP = 4;
  private static final int PROTOCOL_ICMP = 1;
  private static final int PROTOCOL_UDP = 17;
  private static final int VNI_IS_VALID = 8;

  /** Takes what leaves a node for a moment. Pods must be pinging meanwhile. */
  static List<CarriedEcho> leaving(Cluster cluster, Cluster.Node node) {
    String filter =
        "icmp or ip proto %d or udp port %d or udp port %d"
            .formatted(PROTOCOL_IPIP, VxlanTunnel.DEFAULT_PORT, UdpTunnel.DEFAULT_PORT);
    String script =
        "timeout 20 tcpdump -Q out -c %s -w - -i %s '%s' 2>/dev/null | base64 -w0"
            .formatted(FRAMES, DEVICE, filter);
    String file = cluster.onNode(node.name(), "sh", "-c", script).orThrow().output().strip();
    if (file.isEmpty()) {
      throw new LabException("%s: tcpdump took nothing off %s", node.name(), DEVICE);
    }
    return Frames.of(Base64.getDecoder().decode(file)).stream()
        .flatMap(frame -> of(Frames.ipv4(frame)).stream())
        .toList();
  }

  /** The request in a packet; empty where it has something else. */
  static Optional<CarriedEcho> of(Frames.Ipv4 packet) {
    Optional<Ends> outer = Optional.of(new Ends(packet.source(), packet.destination()));
    return switch (packet.protocol()) {
      case PROTOCOL_ICMP -> request(packet, Carrier.NONE, "", Optional.empty(), Optional.empty());
      case PROTOCOL_IPIP ->
          request(
              Frames.ipv4(packet.payload()),
              Carrier.IPIP,
              packet.source() + " > " + packet.destination(),
              outer,
              Optional.empty());
      case PROTOCOL_UDP -> {
        Frames.Udp datagram = Frames.udp(packet);
        String ends =
            "%s:%d > %s:%d"
                .formatted(
                    packet.source(),
                    datagram.source(),
                    packet.destination(),
                    datagram.destination());
        yield datagram.destination() == VxlanTunnel.DEFAULT_PORT
            ? inVxlan(Frames.vxlan(datagram), ends, outer)
            : request(Frames.ipv4(datagram.payload()), Carrier.UDP, ends, outer, Optional.empty());
      }
      default -> Optional.empty();
    };
  }

  private static Optional<CarriedEcho> inVxlan(
      Frames.Vxlan vxlan, String ends, Optional<Ends> outer) {
    if (vxlan.flags() != VNI_IS_VALID
        || vxlan.vni() != VxlanTunnel.DEFAULT_VNI
        || vxlan.reserved() != 0) {
      throw new LabException("%s: not VXLAN of VNI %d: %s", ends, VxlanTunnel.DEFAULT_VNI, vxlan);
    }
    Frames.Ethernet inner = Frames.ethernet(vxlan.frame());
    if (inner.type() != TYPE_IPV4) {
      return Optional.empty();
    }
    String words =
        "%s, VNI %d, %s > %s".formatted(ends, vxlan.vni(), inner.source(), inner.destination());
    return request(
        Frames.ipv4(inner), Carrier.VXLAN, words, outer, Optional.of(inner.destination()));
  }

  private static Optional<CarriedEcho> request(
      Frames.Ipv4 packet,
      Carrier carrier,
      String wrapping,
      Optional<Ends> outer,
      Optional<String> mac) {
    return Stream.of(packet)
        .filter(inner -> inner.protocol() == PROTOCOL_ICMP)
        .filter(inner -> Frames.echo(inner).type() == ECHO_REQUEST)
        .map(
            inner ->
                new CarriedEcho(inner.source(), inner.destination(), carrier, wrapping, outer, mac))
        .findFirst();
  }
}
