package dev.manul.bgp.mrt;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RibEntry;
import dev.manul.bgp.RibPage;
import dev.manul.bgp.RibTable;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerStatus;
import dev.manul.bgp.wire.RibAttributes;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes all paths of a speaker as TABLE_DUMP_V2 (RFC 6396 section 4.3): who the peers are, and
 * then a record a prefix. The first peer is the speaker itself, with the address 0.0.0.0, for its
 * own routes. When a route came is not known; what is written is when its session came up.
 */
public final class TableDump {
  private static final int TABLE_DUMP_V2 = 13;
  private static final int PEER_INDEX_TABLE = 1;
  private static final int RIB_IPV4_UNICAST = 2;
  private static final int RIB_IPV6_UNICAST = 4;
  private static final int IPV6_PEER = 1;
  private static final int FOUR_OCTET_AS = 2;
  private static final int HEADER = 12;
  private static final int STRIDE = 2048;

  private final OutputStream out;
  private final int now;
  private final ByteBuf record = Unpooled.buffer(512);
  private final Map<Optional<Address>, Peer> peers = new HashMap<>();
  private int sequence;

  /**
   * A peer by its place in the index.
   *
   * @param since when its session came up, in seconds
   */
  private record Peer(int index, int since) {}

  private TableDump(OutputStream out, Instant now) {
    this.out = out;
    this.now = (int) now.getEpochSecond();
  }

  /**
   * Writes everything, piece by piece; any thread but the speaker's.
   *
   * @param now the time to date the records with
   */
  public static void write(Speaker speaker, Instant now, OutputStream out) throws IOException {
    TableDump dump = new TableDump(out, now);
    dump.peers(speaker.status());
    int next = 0;
    do {
      RibPage page = speaker.page(new RibTable.Local(), next, STRIDE);
      dump.routes(page.entries());
      next = page.next();
    } while (next != RibPage.END);
  }

  private void peers(SpeakerStatus status) throws IOException {
    begin(PEER_INDEX_TABLE);
    record.writeInt(status.routerId().value());
    record.writeShort(0); // a view without a name
    record.writeShort(status.neighbors().size() + 1);
    peer(Optional.empty(), Ipv4Address.UNSPECIFIED, status.routerId(), status.asNumber(), now);
    for (NeighborStatus n : status.neighbors()) {
      int since = n.established() ? (int) n.since().getEpochSecond() : now;
      Ipv4Address id = n.remoteId().orElse(Ipv4Address.UNSPECIFIED);
      peer(Optional.of(n.address()), n.address(), id, n.asNumber(), since);
    }
    end();
  }

  private void peer(
      Optional<Address> key, Address address, Ipv4Address id, long asNumber, int since) {
    peers.put(key, new Peer(peers.size(), since));
    boolean ipv6 = address.family() == AddressFamily.IPV6;
    record.writeByte(FOUR_OCTET_AS | (ipv6 ? IPV6_PEER : 0));
    record.writeInt(id.value());
    record.writeBytes(address.toBytes());
    record.writeInt((int) asNumber);
  }

  /** Writes routes that are in the order of their prefixes. */
  private void routes(List<RibEntry> entries) throws IOException {
    int from = 0;
    while (from < entries.size()) {
      Prefix prefix = entries.get(from).prefix();
      int to = from;
      while (to < entries.size() && entries.get(to).prefix().equals(prefix)) {
        to++;
      }
      route(prefix, entries.subList(from, to));
      from = to;
    }
  }

  private void route(Prefix prefix, List<RibEntry> entries) throws IOException {
    begin(prefix.family() == AddressFamily.IPV4 ? RIB_IPV4_UNICAST : RIB_IPV6_UNICAST);
    record.writeInt(sequence);
    record.writeByte(prefix.length());
    record.writeBytes(prefix.address().toBytes(), 0, (prefix.length() + 7) / 8);
    int countAt = record.writerIndex();
    record.writeShort(0);
    int count = 0;
    for (RibEntry entry : entries) {
      Peer peer = peers.get(entry.peer());
      if (peer == null) {
        continue; // configured since the index was written
      }
      record.writeShort(peer.index()).writeInt(peer.since());
      int lengthAt = record.writerIndex();
      record.writeShort(0);
      RibAttributes.write(entry.attributes(), prefix.family(), record);
      record.setShort(lengthAt, record.writerIndex() - lengthAt - 2);
      count++;
    }
    record.setShort(countAt, count);
    if (count > 0) {
      sequence++;
      end();
    }
  }

  private void begin(int subtype) {
    record.clear();
    record.writeInt(now).writeShort(TABLE_DUMP_V2).writeShort(subtype).writeInt(0);
  }

  private void end() throws IOException {
    record.setInt(HEADER - 4, record.writerIndex() - HEADER);
    record.readBytes(out, record.readableBytes());
  }
}
