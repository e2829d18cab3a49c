package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A block of addresses: which are given out and to whom. An ordinal is an address's place in it.
 */
public record IPAMBlock(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<IPAMBlock> KIND =
      new Kind<>("IPAMBlock", "ipamblocks", false, IPAMBlock.class, List.of("ipamblock", "block"));

  public IPAMBlock {
    spec = spec == null ? Spec.empty(null, Optional.empty(), "", 0) : spec;
  }

  @Override
  public Kind<IPAMBlock> kind() {
    return KIND;
  }

  @Override
  public IPAMBlock withMetadata(Metadata newMetadata) {
    return new IPAMBlock(newMetadata, spec);
  }

  public IPAMBlock withSpec(Spec newSpec) {
    return new IPAMBlock(metadata, newSpec);
  }

  /**
   * The name a block's resource has: its CIDR with {@code .}, {@code :} and {@code /} as dashes.
   */
  public static String nameOf(Prefix cidr) {
    return cidr.toString().replace('.', '-').replace(':', '-').replace('/', '-');
  }

  /**
   * The block.
   *
   * @param cidr its range; null only in a document that has not been validated
   * @param affinity {@code host:NODE} or {@code virtual:NAME}; empty when nobody's
   * @param affinityClaimTime RFC 3339 time of the claim, or ""
   * @param allocations by ordinal, the place in {@code attributes}; {@link IntSequence#NONE} when
   *     free
   * @param unallocated the free ordinals, next to be used first
   * @param attributes whom addresses are given to
   * @param sequenceNumber moves with every write of the block
   * @param sequenceNumberForAllocation by ordinal, the block's number when it was given out
   * @param deleted to be read as absent; whoever sees it finishes the deletion
   * @param strictAffinity a field of old documents, kept as found
   */
  public record Spec(
      Prefix cidr,
      Optional<String> affinity,
      String affinityClaimTime,
      IntSequence allocations,
      IntSequence unallocated,
      List<Attribute> attributes,
      long sequenceNumber,
      OrdinalNumbers sequenceNumberForAllocation,
      boolean deleted,
      boolean strictAffinity) {

    public Spec {
      affinity = Absent.optional(affinity);
      affinityClaimTime = Absent.text(affinityClaimTime);
      allocations = Absent.or(allocations, IntSequence.EMPTY);
      unallocated = Absent.or(unallocated, IntSequence.EMPTY);
      attributes = Absent.list(attributes);
      sequenceNumberForAllocation = Absent.or(sequenceNumberForAllocation, OrdinalNumbers.EMPTY);
    }

    /** A block of which every address is free. */
    public static Spec empty(
        Prefix cidr, Optional<String> affinity, String claimTime, long sequenceNumber) {
      int size = cidr == null ? 0 : 1 << (cidr.family().bits() - cidr.length());
      return new Spec(
          cidr,
          affinity,
          claimTime,
          IntSequence.filled(size, IntSequence.NONE),
          IntSequence.range(size),
          List.of(),
          sequenceNumber,
          OrdinalNumbers.EMPTY,
          false,
          false);
    }
  }

  /**
   * An owner of addresses.
   *
   * @param handleId the owner's handle, or ""
   * @param secondary what else is known of it: pod, namespace, node, …
   * @param alternateOwnerAttrs what is known of an owner that stands by
   * @param releasedAt RFC 3339 time since which the address rests, or ""
   */
  public record Attribute(
      @JsonProperty("handle_id") String handleId,
      Map<String, String> secondary,
      Map<String, String> alternateOwnerAttrs,
      String releasedAt) {

    public Attribute {
      handleId = Absent.text(handleId);
      secondary = Absent.map(secondary);
      alternateOwnerAttrs = Absent.map(alternateOwnerAttrs);
      releasedAt = Absent.text(releasedAt);
    }

    public static Attribute of(String handleId, Map<String, String> secondary) {
      return new Attribute(handleId, secondary, Map.of(), "");
    }
  }
}
