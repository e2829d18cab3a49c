package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PrefixList;
import dev.manul.bgp.wire.UpdateBatch;
import dev.manul.model.AddressFamily;
import java.util.ArrayList;
import java.util.List;

/** Makes as few UPDATEs as can be of announcements and withdrawals in any order. */
final class UpdateCollector {
  private final Rib rib;
  private final boolean identified4;
  private final boolean identified6;
  private final List<Bucket> announced = new ArrayList<>();
  private PrefixList.Builder withdrawn4;
  private PrefixList.Builder withdrawn6;

  /** Prefixes of one family with the same attributes from the same source. */
  static final class Bucket {
    private final AttributeSet attributes;
    private final RibPeer source;
    private final AddressFamily family;
    private final PrefixList.Builder prefixes;

    /** Another one with the same attributes. */
    private final Bucket next;

    private Bucket(
        AttributeSet attributes,
        RibPeer source,
        AddressFamily family,
        PrefixList.Builder prefixes,
        Bucket next) {
      this.attributes = attributes;
      this.source = source;
      this.family = family;
      this.prefixes = prefixes;
      this.next = next;
    }
  }

  /** For neighbours to whom prefixes go with identifiers, or without. */
  UpdateCollector(Rib rib, boolean identified4, boolean identified6) {
    this.rib = rib;
    this.identified4 = identified4;
    this.identified6 = identified6;
  }

  void announce(int id, Told told) {
    AddressFamily family = rib.family(id);
    Bucket bucket = told.attributes.bucket;
    while (bucket != null && (bucket.source != told.source || bucket.family != family)) {
      bucket = bucket.next;
    }
    if (bucket == null) {
      bucket =
          new Bucket(told.attributes, told.source, family, builder(family), told.attributes.bucket);
      told.attributes.bucket = bucket;
      announced.add(bucket);
    }
    rib.append(id, bucket.prefixes, told.identifier);
  }

  void withdraw(int id, int identifier) {
    if (rib.family(id) == AddressFamily.IPV4) {
      withdrawn4 = withdrawn4 == null ? builder(AddressFamily.IPV4) : withdrawn4;
      rib.append(id, withdrawn4, identifier);
    } else {
      withdrawn6 = withdrawn6 == null ? builder(AddressFamily.IPV6) : withdrawn6;
      rib.append(id, withdrawn6, identifier);
    }
  }

  private PrefixList.Builder builder(AddressFamily family) {
    return new PrefixList.Builder(family, family == AddressFamily.IPV4 ? identified4 : identified6);
  }

  /** Everything collected since the last time, withdrawals first. */
  UpdateBatch take() {
    List<Update> updates = new ArrayList<>(announced.size() + 2);
    List<Object> origins = new ArrayList<>(announced.size() + 2);
    withdrawals(withdrawn4, updates, origins);
    withdrawals(withdrawn6, updates, origins);
    withdrawn4 = null;
    withdrawn6 = null;
    for (Bucket bucket : announced) {
      bucket.attributes.bucket = null;
      updates.add(new Update(PrefixList.EMPTY, bucket.attributes.value, bucket.prefixes.build()));
      origins.add(bucket.source);
    }
    announced.clear();
    return new UpdateBatch(updates, origins);
  }

  /** A neighbour may hear of the end of its own route, of which it has not been told: no harm. */
  private static void withdrawals(
      PrefixList.Builder prefixes, List<Update> updates, List<Object> origins) {
    if (prefixes != null) {
      updates.add(new Update(prefixes.build(), PathAttributes.EMPTY, PrefixList.EMPTY));
      origins.add(null);
    }
  }
}
