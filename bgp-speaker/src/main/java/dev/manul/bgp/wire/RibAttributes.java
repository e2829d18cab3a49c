package dev.manul.bgp.wire;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import io.netty.buffer.ByteBuf;

/**
 * Writes the attributes of a route that is in a table, in the form of RFC 6396 section 4.3.4: AS
 * numbers of four octets, and of MP_REACH_NLRI only the next hop.
 */
public final class RibAttributes {
  private static final int OPTIONAL = 0x80;

  private RibAttributes() {}

  /** Writes all attributes; a route without a next hop gets the unspecified address. */
  public static void write(PathAttributes attributes, AddressFamily family, ByteBuf out) {
    Address nextHop = attributes.nextHop().orElse(null);
    if (nextHop == null && family == AddressFamily.IPV4) {
      nextHop = Ipv4Address.UNSPECIFIED;
    }
    Ipv4Address inAttribute = nextHop instanceof Ipv4Address ipv4 ? ipv4 : null;
    AttributeWriter.write(attributes, inAttribute, new EncodeContext(true), out);
    if (inAttribute == null) {
      byte[] first = nextHop == null ? new byte[16] : nextHop.toBytes();
      byte[] second = attributes.linkLocalNextHop().map(Address::toBytes).orElse(new byte[0]);
      int octets = first.length + second.length;
      out.writeByte(OPTIONAL).writeByte(AttributeType.MP_REACH_NLRI.code).writeByte(octets + 1);
      out.writeByte(octets).writeBytes(first).writeBytes(second);
    }
  }
}
