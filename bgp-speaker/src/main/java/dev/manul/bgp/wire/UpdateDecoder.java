package dev.manul.bgp.wire;

import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import dev.manul.bgp.wire.PathAttributes.UnknownAttribute;
import dev.manul.model.AddressFamily;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Reads the body of one UPDATE and applies RFC 7606 to what is wrong with it.
 *
 * <pre>
 * +------------------+-----------+-------------------+------------+----------+
 * | withdrawn length | withdrawn | attributes length | attributes | prefixes |
 * |        2         |           |         2         |            |          |
 * +------------------+-----------+-------------------+------------+----------+
 * </pre>
 */
final class UpdateDecoder {
  private final DecodeContext context;
  private final AttributeDraft draft = new AttributeDraft();
  private final List<AttributeFault> faults = new ArrayList<>(0);
  private final BitSet seen = new BitSet(64);
  private Reset reset;

  private UpdateDecoder(DecodeContext context) {
    this.context = context;
  }

  static DecodeOutcome decode(ByteBuf body, DecodeContext context) {
    return new UpdateDecoder(context).decode(body);
  }

  private DecodeOutcome decode(ByteBuf body) {
    int withdrawnLength = body.readUnsignedShort();
    if (withdrawnLength + 2 > body.readableBytes()) {
      return malformedList("withdrawn routes of " + withdrawnLength + " octets do not fit");
    }
    boolean identified = context.addPathReceive().contains(Family.IPV4_UNICAST);
    PrefixList withdrawn =
        PrefixList.read(AddressFamily.IPV4, identified, body.readSlice(withdrawnLength));
    int attributesLength = body.readUnsignedShort();
    if (attributesLength > body.readableBytes()) {
      return malformedList("attributes of " + attributesLength + " octets do not fit");
    }
    ByteBuf attributes = body.readSlice(attributesLength);
    PrefixList announced = PrefixList.read(AddressFamily.IPV4, identified, body);
    if (withdrawn == null || announced == null) {
      return MessageDecoder.reset(3, 10, Octets.EMPTY, "an IPv4 prefix is too long or cut short");
    }
    if (withdrawn.isEmpty() && announced.isEmpty() && attributesLength == 0) {
      return new Decoded(List.of(new EndOfRib(Family.IPV4_UNICAST)), List.of());
    }
    readAttributes(attributes);
    if (reset != null) {
      return reset;
    }
    return conclude(withdrawn, announced);
  }

  private void readAttributes(ByteBuf in) {
    while (in.isReadable() && reset == null) {
      int start = in.readerIndex();
      int flags = in.readUnsignedByte();
      boolean extended = (flags & AttributeType.EXTENDED_LENGTH) != 0;
      if (in.readableBytes() < (extended ? 3 : 2)) {
        fault(0, FaultAction.WITHDRAW, "the last attribute is cut short"); // RFC 7606 section 4
        return;
      }
      int code = in.readUnsignedByte();
      int length = extended ? in.readUnsignedShort() : in.readUnsignedByte();
      if (length > in.readableBytes()) {
        overrun(code, length);
        return;
      }
      ByteBuf value = in.readSlice(length);
      AttributeType type = AttributeType.find(code);
      if (seen.get(code)) {
        repeated(type, code);
      } else if (type == null) {
        readUnknown(flags, code, value, in.slice(start, in.readerIndex() - start));
      } else {
        readKnown(type, flags, value);
      }
      seen.set(code);
    }
  }

  private void overrun(int code, int length) {
    String reason = "a length of " + length + " goes beyond the attributes";
    if (code == AttributeType.MP_REACH_NLRI.code || code == AttributeType.MP_UNREACH_NLRI.code) {
      reset = MessageDecoder.reset(3, 5, Octets.EMPTY, "attribute " + code + ": " + reason);
    } else {
      fault(code, FaultAction.WITHDRAW, reason);
    }
  }

  /** RFC 7606 section 3 (g). */
  private void repeated(AttributeType type, int code) {
    if (type == AttributeType.MP_REACH_NLRI || type == AttributeType.MP_UNREACH_NLRI) {
      reset = malformedList(type + " is there twice");
    } else {
      fault(code, FaultAction.DISCARD, "is there twice; the first one counts");
    }
  }

  private void readUnknown(int flags, int code, ByteBuf value, ByteBuf whole) {
    if ((flags & AttributeType.OPTIONAL) == 0) {
      reset =
          MessageDecoder.reset(
              3, 2, octets(whole), "attribute " + code + " is well-known but not known here");
    } else if ((flags & AttributeType.TRANSITIVE) != 0) {
      draft.unknown.add(
          new UnknownAttribute(
              AttributeType.OPTIONAL_TRANSITIVE | AttributeType.PARTIAL, code, octets(value)));
    }
  }

  private void readKnown(AttributeType type, int flags, ByteBuf value) {
    if (type.internalOnly && context.external()) {
      fault(type.code, FaultAction.DISCARD, "is not for an external peer to send");
      return;
    }
    boolean multiprotocol =
        type == AttributeType.MP_REACH_NLRI || type == AttributeType.MP_UNREACH_NLRI;
    if ((flags & AttributeType.OPTIONAL_TRANSITIVE) != type.flags) {
      fault(type.code, type.onFlags, "has flags 0x" + Integer.toHexString(flags));
      if (!multiprotocol) {
        return;
      }
    }
    String wrong = type.reader.read(value, context, draft);
    if (wrong == null && (flags & AttributeType.PARTIAL) != 0) {
      draft.partial(type);
    }
    if (multiprotocol) {
      judgeMultiprotocol(type, wrong);
    } else if (wrong != null) {
      fault(type.code, type.onValue, wrong);
    }
  }

  /** RFC 7606 sections 5.3, 7.3 and 7.11, RFC 4760 section 7. */
  private void judgeMultiprotocol(AttributeType type, String wrong) {
    boolean reach = type == AttributeType.MP_REACH_NLRI;
    Family family = reach ? draft.reachFamily : draft.unreachFamily;
    if (wrong != null) {
      if (family != null && context.families().size() > 1) {
        faults.add(
            new AttributeFault(type.code, FaultAction.DISABLE_FAMILY, Optional.of(family), wrong));
      } else {
        reset = MessageDecoder.reset(3, 9, Octets.EMPTY, type + ": " + wrong);
      }
    } else if (!AttributeReader.isUsed(family, context)) {
      fault(type.code, FaultAction.DISCARD, family + " is not in use on this session");
    } else if (reach) {
      String unusable = AttributeReader.unusableReach(draft);
      if (unusable != null) {
        fault(type.code, FaultAction.WITHDRAW, unusable);
      }
    }
  }

  private DecodeOutcome conclude(PrefixList withdrawn, PrefixList announced) {
    boolean ipv4Used = AttributeReader.isUsed(Family.IPV4_UNICAST, context);
    if (!ipv4Used && !(withdrawn.isEmpty() && announced.isEmpty())) {
      fault(0, FaultAction.DISCARD, "ipv4-unicast is not in use on this session");
    }
    boolean reaches = !announced.isEmpty() || draft.reachHasPrefixes;
    if ((ipv4Used && !announced.isEmpty()) || !draft.reach.isEmpty()) {
      checkMandatory(ipv4Used && !announced.isEmpty());
    }
    boolean withdraw = hasFault(FaultAction.WITHDRAW);
    if (withdraw && !reaches) {
      // RFC 7606 section 5.2: it may well be the prefixes that were misread.
      return malformedList(faults.getFirst().reason() + ", and no prefix is announced");
    }
    draft.mergeAs4();
    List<BgpMessage> messages = new ArrayList<>(2);
    if (ipv4Used) {
      addUpdate(messages, withdrawn, announced, withdraw, false);
    }
    addMultiprotocol(messages, withdraw, withdrawn.isEmpty() && announced.isEmpty());
    return new Decoded(messages, faults);
  }

  /** RFC 7606 section 3 (d). */
  private void checkMandatory(boolean nextHopToo) {
    checkPresent(AttributeType.ORIGIN);
    checkPresent(AttributeType.AS_PATH);
    if (nextHopToo) {
      checkPresent(AttributeType.NEXT_HOP);
    }
    if (!context.external()) {
      checkPresent(AttributeType.LOCAL_PREF);
    }
  }

  private void checkPresent(AttributeType type) {
    if (!seen.get(type.code)) {
      fault(type.code, FaultAction.WITHDRAW, "is missing");
    }
  }

  private boolean hasFault(FaultAction action) {
    for (AttributeFault fault : faults) {
      if (fault.action() == action) {
        return true;
      }
    }
    return false;
  }

  private void addMultiprotocol(List<BgpMessage> messages, boolean withdraw, boolean nothingElse) {
    Family broken = brokenFamily();
    PrefixList reach = isBroken(draft.reachFamily, broken) ? PrefixList.EMPTY : draft.reach;
    PrefixList unreach = isBroken(draft.unreachFamily, broken) ? PrefixList.EMPTY : draft.unreach;
    if (draft.unreachEmpty && nothingElse && seen.cardinality() == 1) {
      if (AttributeReader.isUsed(draft.unreachFamily, context)) {
        messages.add(new EndOfRib(draft.unreachFamily));
      }
    } else if (draft.reachFamily != null && draft.reachFamily.equals(draft.unreachFamily)) {
      addUpdate(messages, unreach, reach, withdraw, true);
    } else {
      addUpdate(messages, unreach, PrefixList.EMPTY, withdraw, true);
      addUpdate(messages, PrefixList.EMPTY, reach, withdraw, true);
    }
  }

  private Family brokenFamily() {
    for (AttributeFault fault : faults) {
      if (fault.family().isPresent()) {
        return fault.family().get();
      }
    }
    return null;
  }

  private static boolean isBroken(Family family, Family broken) {
    return broken != null && broken.equals(family);
  }

  private void addUpdate(
      List<BgpMessage> messages,
      PrefixList withdrawn,
      PrefixList announced,
      boolean withdraw,
      boolean multiprotocol) {
    if (announced.isEmpty() || withdraw) {
      PrefixList gone = withdrawn.and(announced);
      if (!gone.isEmpty()) {
        messages.add(new Update(gone, PathAttributes.EMPTY, PrefixList.EMPTY));
      }
    } else {
      messages.add(
          new Update(withdrawn, multiprotocol ? draft.buildForReach() : draft.build(), announced));
    }
  }

  private void fault(int type, FaultAction action, String reason) {
    faults.add(new AttributeFault(type, action, Optional.empty(), reason));
  }

  private static Reset malformedList(String reason) {
    return MessageDecoder.reset(3, 1, Octets.EMPTY, reason);
  }

  private static Octets octets(ByteBuf in) {
    byte[] bytes = new byte[in.readableBytes()];
    in.readBytes(bytes);
    return Octets.of(bytes);
  }
}
