package dev.manul.bgp.wire;

import dev.manul.bgp.wire.PathAttributes.Aggregator;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.bgp.wire.PathAttributes.UnknownAttribute;
import dev.manul.model.Ipv4Address;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Writes path attributes in ascending order of type, as RFC 4271 section 4.3 wishes; all but the
 * multiprotocol ones, which {@link MessageEncoder} puts before them (RFC 7606 section 5.1).
 */
final class AttributeWriter {
  private final PathAttributes attributes;
  private final EncodeContext context;
  private final ByteBuf out;
  private int nextUnknown;

  private AttributeWriter(PathAttributes attributes, EncodeContext context, ByteBuf out) {
    this.attributes = attributes;
    this.context = context;
    this.out = out;
  }

  /** Writes the attributes, NEXT_HOP among them when {@code nextHop} is not null. */
  static void write(
      PathAttributes attributes, Ipv4Address nextHop, EncodeContext context, ByteBuf out) {
    new AttributeWriter(attributes, context, out).write(nextHop);
  }

  private void write(Ipv4Address nextHop) {
    head(AttributeType.ORIGIN, 1);
    out.writeByte(attributes.origin().code());
    head(AttributeType.AS_PATH, AsPathCodec.octets(attributes.asPath(), context.fourOctetAs()));
    AsPathCodec.write(attributes.asPath(), context.fourOctetAs(), out);
    if (nextHop != null) {
      address(AttributeType.NEXT_HOP, nextHop);
    }
    if (attributes.multiExitDiscriminator().isPresent()) {
      head(AttributeType.MULTI_EXIT_DISC, 4);
      out.writeInt((int) attributes.multiExitDiscriminator().getAsLong());
    }
    if (attributes.localPreference().isPresent()) {
      head(AttributeType.LOCAL_PREF, 4);
      out.writeInt((int) attributes.localPreference().getAsLong());
    }
    if (attributes.atomicAggregate()) {
      head(AttributeType.ATOMIC_AGGREGATE, 0);
    }
    attributes.aggregator().ifPresent(this::aggregator);
    if (!attributes.communities().isEmpty()) {
      head(AttributeType.COMMUNITIES, 4 * attributes.communities().size());
      attributes.communities().forEach(out::writeInt);
    }
    attributes.originatorId().ifPresent(id -> address(AttributeType.ORIGINATOR_ID, id));
    clusterList(attributes.clusterList());
    if (!attributes.extendedCommunities().isEmpty()) {
      head(AttributeType.EXTENDED_COMMUNITIES, 8 * attributes.extendedCommunities().size());
      attributes.extendedCommunities().forEach(out::writeLong);
    }
    as4();
    attributes.aigp().ifPresent(this::aigp);
    largeCommunities(attributes.largeCommunities());
    if (attributes.onlyToCustomer().isPresent()) {
      head(AttributeType.ONLY_TO_CUSTOMER, 4);
      out.writeInt((int) attributes.onlyToCustomer().getAsLong());
    }
    unknownBelow(256);
  }

  private void clusterList(List<Ipv4Address> clusters) {
    if (!clusters.isEmpty()) {
      head(AttributeType.CLUSTER_LIST, 4 * clusters.size());
      clusters.forEach(cluster -> out.writeInt(cluster.value()));
    }
  }

  private void aigp(Aigp aigp) {
    head(AttributeType.AIGP, AttributeReader.AIGP_TLV_LENGTH + aigp.others().length());
    out.writeByte(AttributeReader.AIGP_TLV).writeShort(AttributeReader.AIGP_TLV_LENGTH);
    out.writeLong(aigp.metric()).writeBytes(aigp.others().toArray());
  }

  private void aggregator(Aggregator aggregator) {
    head(AttributeType.AGGREGATOR, context.fourOctetAs() ? 8 : 6);
    if (context.fourOctetAs()) {
      out.writeInt((int) aggregator.asNumber());
    } else {
      out.writeShort(AsPathCodec.toTwoOctets(aggregator.asNumber()));
    }
    out.writeInt(aggregator.address().value());
  }

  /** What a 2-octet peer carries along for others, RFC 6793 section 4.2.2. */
  private void as4() {
    if (context.fourOctetAs()) {
      return;
    }
    AsPath path = AsPathCodec.withoutConfederation(attributes.asPath());
    if (AsPathCodec.isLarge(path)) {
      head(AttributeType.AS4_PATH, AsPathCodec.octets(path, true));
      AsPathCodec.write(path, true, out);
    }
    Aggregator aggregator = attributes.aggregator().orElse(null);
    if (aggregator != null && aggregator.asNumber() > 0xffff) {
      head(AttributeType.AS4_AGGREGATOR, 8);
      out.writeInt((int) aggregator.asNumber()).writeInt(aggregator.address().value());
    }
  }

  private void largeCommunities(List<LargeCommunity> communities) {
    if (communities.isEmpty()) {
      return;
    }
    head(AttributeType.LARGE_COMMUNITIES, 12 * communities.size());
    for (LargeCommunity community : communities) {
      out.writeInt((int) community.global());
      out.writeInt((int) community.local1());
      out.writeInt((int) community.local2());
    }
  }

  private void address(AttributeType type, Ipv4Address address) {
    head(type, 4);
    out.writeInt(address.value());
  }

  private void unknownBelow(int type) {
    List<UnknownAttribute> unknown = attributes.unknown();
    while (nextUnknown < unknown.size() && unknown.get(nextUnknown).type() < type) {
      UnknownAttribute attribute = unknown.get(nextUnknown++);
      head(attribute.flags(), attribute.type(), attribute.value().length());
      out.writeBytes(attribute.value().toArray());
    }
  }

  private void head(AttributeType type, int length) {
    unknownBelow(type.code);
    boolean partial = attributes.partial().contains(type.code);
    head(type.flags | (partial ? AttributeType.PARTIAL : 0), type.code, length);
  }

  private void head(int flags, int type, int length) {
    if (length > 0xffff) {
      throw new IllegalArgumentException(
          "attribute " + type + " has " + length + " octets, more than a message");
    }
    if (length > 255) {
      out.writeByte(flags | AttributeType.EXTENDED_LENGTH).writeByte(type).writeShort(length);
    } else {
      out.writeByte(flags).writeByte(type).writeByte(length);
    }
  }
}
