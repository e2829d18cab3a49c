package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMBlock.Attribute;
import dev.manul.model.IntSequence;
import dev.manul.model.Metadata;
import dev.manul.model.OrdinalNumbers;
import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What can be done with one block: pure functions from a block to the next.
 *
 * <p>Free ordinals wait in a queue: an address that was just released is the last to be used again.
 * A released address may also have to cool down; until then it keeps its ordinal, with an attribute
 * that has {@code releasedAt} and no handle. Every change moves the block's sequence number on, and
 * an allocation remembers the number it came with.
 */
final class BlockArithmetic {

  /** The handle of addresses that Windows nodes keep for themselves; they do not fill a block. */
  static final String WINDOWS_RESERVED = "windows-reserved-ipam-handle";

  private static final String HOST = "host:";

  private BlockArithmetic() {}

  /**
   * A block after addresses were taken from it.
   *
   * @param ordinals those taken; none when nothing was free, and then the block is as it was
   */
  record Taken(IPAMBlock block, IntSequence ordinals) {
    List<Address> addresses() {
      return Arrays.stream(ordinals.toArray()).mapToObj(o -> address(block, o)).toList();
    }
  }

  /**
   * A block after addresses were given back to it.
   *
   * @param handles names of the handles whose counts have changed
   */
  record Released(IPAMBlock block, ReleaseResult result, Set<String> handles) {}

  /** A new block without allocations that belongs to {@code node}. */
  static IPAMBlock claimed(Prefix cidr, String node, Instant now) {
    long number =
        Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    return new IPAMBlock(
        Metadata.named(IPAMBlock.nameOf(cidr)),
        IPAMBlock.Spec.empty(cidr, Optional.of(HOST + node), now.toString(), number));
  }

  /** The node that owns the block. */
  static Optional<String> owner(IPAMBlock block) {
    return block.spec().affinity().filter(a -> a.startsWith(HOST)).map(a -> a.substring(5));
  }

  static boolean ownedBy(IPAMBlock block, String node) {
    return !block.spec().deleted()
        && block.spec().affinity().filter((HOST + node)::equals).isPresent();
  }

  static Address address(IPAMBlock block, int ordinal) {
    return block.spec().cidr().address().plus(ordinal);
  }

  /** The place of an address in a block that contains it. */
  static int ordinal(Prefix cidr, Address address) {
    BigInteger offset = address.toBigInteger().subtract(cidr.address().toBigInteger());
    return offset.intValueExact();
  }

  /** Takes up to {@code count} free addresses that are not reserved, longest free first. */
  static Taken take(IPAMBlock block, int count, Attribute owner, Predicate<Address> reserved) {
    return take(block, 0, count, owner, reserved);
  }

  /**
   * As {@link #take}, for a node that borrows: from the middle of those that are free on, so that
   * the block's own node, which takes the first, loses none that it counts on (see {@link
   * Foresight}).
   */
  static Taken borrow(IPAMBlock block, int count, Attribute owner, Predicate<Address> reserved) {
    return take(block, freeCount(block) / 2, count, owner, reserved);
  }

  /**
   * @param first the place in the queue that is looked at first
   */
  private static Taken take(
      IPAMBlock block, int first, int count, Attribute owner, Predicate<Address> reserved) {
    int[] queue = block.spec().unallocated().toArray();
    int[] taken = new int[Math.min(count, queue.length)];
    int takenCount = 0;
    BitSet gone = new BitSet(queue.length);
    for (int i = 0; i < queue.length && takenCount < count; i++) {
      int place = (first + i) % queue.length;
      if (!reserved.test(address(block, queue[place]))) {
        taken[takenCount++] = queue[place];
        gone.set(place);
      }
    }
    if (takenCount == 0) {
      return new Taken(block, IntSequence.EMPTY);
    }
    IntSequence ordinals = IntSequence.of(Arrays.copyOf(taken, takenCount));
    int[] rest =
        IntStream.range(0, queue.length).filter(i -> !gone.get(i)).map(i -> queue[i]).toArray();
    IntSequence left = IntSequence.of(rest);
    return new Taken(give(block, ordinals, left, owner), ordinals);
  }

  /**
   * Takes one address that nobody has; one that cools down may be taken when asked for like this.
   * Nothing is taken when it is in use.
   */
  static Taken takeOrdinal(IPAMBlock block, int ordinal, Attribute owner) {
    int place = block.spec().allocations().get(ordinal);
    if (place != IntSequence.NONE && !cooling(block, ordinal)) {
      return new Taken(block, IntSequence.EMPTY);
    }
    IntSequence one = IntSequence.of(ordinal);
    return new Taken(give(block, one, block.spec().unallocated().without(ordinal), owner), one);
  }

  /** The block with an allocated address in the hands of another owner. */
  static IPAMBlock handedOver(IPAMBlock block, int ordinal, Attribute owner) {
    return give(block, IntSequence.of(ordinal), block.spec().unallocated(), owner);
  }

  private static IPAMBlock give(
      IPAMBlock block, IntSequence ordinals, IntSequence unallocated, Attribute owner) {
    IPAMBlock.Spec spec = block.spec();
    List<Attribute> attributes = new ArrayList<>(spec.attributes());
    int place = attributes.indexOf(owner);
    if (place < 0) {
      place = attributes.size();
      attributes.add(owner);
    }
    long number = spec.sequenceNumber() + 1;
    int[] allocations = spec.allocations().toArray();
    OrdinalNumbers numbers = spec.sequenceNumberForAllocation();
    for (int i = 0; i < ordinals.size(); i++) {
      allocations[ordinals.get(i)] = place;
      numbers = numbers.with(ordinals.get(i), number);
    }
    return tidied(block, allocations, unallocated, attributes, numbers);
  }

  /**
   * Gives addresses back. When any of the requests is refused, none is carried out; an address that
   * is free or cools down already is no reason to refuse.
   *
   * @param cooldown how long they rest before they are used again; zero for not at all
   */
  static Released release(
      IPAMBlock block, Collection<ReleaseRequest> requests, Duration cooldown, Instant now) {
    List<Address> unallocated = new ArrayList<>();
    List<ReleaseResult.Refusal> refused = new ArrayList<>();
    Set<Integer> ordinals = new LinkedHashSet<>();
    for (ReleaseRequest request : requests) {
      int ordinal = ordinal(block.spec().cidr(), request.address());
      if (!allocated(block, ordinal)) {
        unallocated.add(request.address());
        continue;
      }
      refusal(block, ordinal, request)
          .ifPresentOrElse(
              reason -> refused.add(new ReleaseResult.Refusal(request.address(), reason)),
              () -> ordinals.add(ordinal));
    }
    if (!refused.isEmpty()) {
      for (int ordinal : ordinals) {
        refused.add(
            new ReleaseResult.Refusal(
                address(block, ordinal), "another release for its block was refused"));
      }
      return new Released(block, new ReleaseResult(List.of(), unallocated, refused), Set.of());
    }
    List<Address> released = ordinals.stream().map(ordinal -> address(block, ordinal)).toList();
    ReleaseResult result = new ReleaseResult(released, unallocated, List.of());
    if (ordinals.isEmpty()) {
      return new Released(block, result, Set.of());
    }
    Set<String> handles = new LinkedHashSet<>();
    for (int ordinal : ordinals) {
      attribute(block, ordinal)
          .map(Attribute::handleId)
          .filter(id -> !id.isEmpty())
          .ifPresent(id -> handles.add(Handles.name(id)));
    }
    return new Released(freed(block, ordinals, cooldown, now), result, handles);
  }

  /** Gives back all addresses of a handle. */
  static Released releaseHandle(IPAMBlock block, String handleId, Duration cooldown, Instant now) {
    List<ReleaseRequest> requests = new ArrayList<>();
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      if (allocated(block, ordinal)
          && attribute(block, ordinal)
              .filter(a -> Handles.same(a.handleId(), handleId))
              .isPresent()) {
        requests.add(ReleaseRequest.of(address(block, ordinal)));
      }
    }
    return release(block, requests, cooldown, now);
  }

  private static Optional<String> refusal(IPAMBlock block, int ordinal, ReleaseRequest request) {
    String handle = attribute(block, ordinal).map(Attribute::handleId).orElse("");
    if (request.handleId().isPresent() && !Handles.same(request.handleId().get(), handle)) {
      return Optional.of(
          "it is allocated with "
              + (handle.isEmpty() ? "no handle" : "handle " + handle)
              + ", not with "
              + request.handleId().get());
    }
    long number = block.spec().sequenceNumberForAllocation().get(ordinal).orElse(0);
    if (request.sequenceNumber().isPresent() && request.sequenceNumber().getAsLong() != number) {
      return Optional.of(
          "it was allocated again since: its sequence number is "
              + number
              + ", not "
              + request.sequenceNumber().getAsLong());
    }
    return Optional.empty();
  }

  private static IPAMBlock freed(
      IPAMBlock block, Set<Integer> ordinals, Duration cooldown, Instant now) {
    IPAMBlock.Spec spec = block.spec();
    int[] allocations = spec.allocations().toArray();
    List<Attribute> attributes = new ArrayList<>(spec.attributes());
    IntSequence unallocated = spec.unallocated();
    OrdinalNumbers numbers = spec.sequenceNumberForAllocation();
    int resting = IntSequence.NONE;
    if (!cooldown.isZero()) {
      resting = attributes.size();
      attributes.add(new Attribute("", Map.of(), Map.of(), now.toString()));
    } else {
      unallocated = unallocated.appended(ordinals.stream().mapToInt(Integer::intValue).toArray());
    }
    for (int ordinal : ordinals) {
      allocations[ordinal] = resting;
      numbers = numbers.without(ordinal);
    }
    return tidied(block, allocations, unallocated, attributes, numbers);
  }

  /** The block with every address freed that has cooled down; the same block when none has. */
  static IPAMBlock thawed(IPAMBlock block, Duration cooldown, Instant now) {
    IPAMBlock.Spec spec = block.spec();
    Set<Integer> cooled = new LinkedHashSet<>();
    for (int ordinal = 0; ordinal < spec.allocations().size(); ordinal++) {
      if (cooling(block, ordinal)
          && !coolingSince(block, ordinal).orElse(Instant.MIN).isAfter(now.minus(cooldown))) {
        cooled.add(ordinal);
      }
    }
    return cooled.isEmpty() ? block : freed(block, cooled, Duration.ZERO, now);
  }

  /** Drops attributes that nothing refers to and moves the sequence number on. */
  private static IPAMBlock tidied(
      IPAMBlock block,
      int[] allocations,
      IntSequence unallocated,
      List<Attribute> attributes,
      OrdinalNumbers numbers) {
    int[] places = new int[attributes.size()];
    for (int place : allocations) {
      if (place >= 0 && place < places.length) {
        places[place] = 1;
      }
    }
    List<Attribute> kept = new ArrayList<>(attributes.size());
    for (int place = 0; place < places.length; place++) {
      if (places[place] == 1) {
        places[place] = kept.size();
        kept.add(attributes.get(place));
      }
    }
    for (int ordinal = 0; ordinal < allocations.length; ordinal++) {
      if (allocations[ordinal] >= 0 && allocations[ordinal] < places.length) {
        allocations[ordinal] = places[allocations[ordinal]];
      }
    }
    IPAMBlock.Spec spec = block.spec();
    return block.withSpec(
        new IPAMBlock.Spec(
            spec.cidr(),
            spec.affinity(),
            spec.affinityClaimTime(),
            IntSequence.of(allocations),
            unallocated,
            kept,
            spec.sequenceNumber() + 1,
            numbers,
            spec.deleted(),
            spec.strictAffinity()));
  }

  /** The same block with its sequence number moved on, so that writes based on the old one fail. */
  static IPAMBlock touched(IPAMBlock block) {
    return withOwner(block, block.spec().affinity(), block.spec().affinityClaimTime());
  }

  /** The block without an owner; its allocations stay. */
  static IPAMBlock disowned(IPAMBlock block) {
    return withOwner(block, Optional.empty(), "");
  }

  private static IPAMBlock withOwner(IPAMBlock block, Optional<String> affinity, String claimTime) {
    IPAMBlock.Spec spec = block.spec();
    return block.withSpec(
        new IPAMBlock.Spec(
            spec.cidr(),
            affinity,
            claimTime,
            spec.allocations(),
            spec.unallocated(),
            spec.attributes(),
            spec.sequenceNumber() + 1,
            spec.sequenceNumberForAllocation(),
            spec.deleted(),
            spec.strictAffinity()));
  }

  /** Whether somebody has the address; not so for one that cools down. */
  static boolean allocated(IPAMBlock block, int ordinal) {
    return block.spec().allocations().get(ordinal) != IntSequence.NONE && !cooling(block, ordinal);
  }

  static boolean cooling(IPAMBlock block, int ordinal) {
    return attribute(block, ordinal).filter(a -> !a.releasedAt().isEmpty()).isPresent();
  }

  private static Optional<Instant> coolingSince(IPAMBlock block, int ordinal) {
    return attribute(block, ordinal).flatMap(a -> Times.parse(a.releasedAt()));
  }

  /** What is known of an address's owner; empty when it is free or the block is broken there. */
  static Optional<Attribute> attribute(IPAMBlock block, int ordinal) {
    int place = block.spec().allocations().get(ordinal);
    return place < 0 || place >= block.spec().attributes().size()
        ? Optional.empty()
        : Optional.of(block.spec().attributes().get(place));
  }

  /** How many addresses wait in the queue. */
  static int freeCount(IPAMBlock block) {
    return block.spec().unallocated().size();
  }

  /** Whether the block may go: nothing is allocated or cools down in it. */
  static boolean isEmpty(IPAMBlock block) {
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      if (block.spec().allocations().get(ordinal) != IntSequence.NONE
          && attribute(block, ordinal)
              .filter(a -> Handles.same(a.handleId(), WINDOWS_RESERVED))
              .isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** By handle name, how many addresses of the block each handle has. */
  static Map<String, Integer> handleCounts(IPAMBlock block) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      if (allocated(block, ordinal)) {
        attribute(block, ordinal)
            .map(Attribute::handleId)
            .filter(id -> !id.isEmpty())
            .ifPresent(id -> counts.merge(Handles.name(id), 1, Integer::sum));
      }
    }
    return counts;
  }

  /**
   * By handle name, how many addresses of the block each handle has for nodes that do not own the
   * block.
   */
  static Map<String, Integer> awayCounts(IPAMBlock block) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    Optional<String> owner = owner(block);
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      if (allocated(block, ordinal)) {
        attribute(block, ordinal)
            .filter(a -> !a.handleId().isEmpty())
            .filter(a -> isAway(a, owner))
            .ifPresent(a -> counts.merge(Handles.name(a.handleId()), 1, Integer::sum));
      }
    }
    return counts;
  }

  private static boolean isAway(Attribute attribute, Optional<String> owner) {
    String node = attribute.secondary().get("node");
    return node != null && !owner.equals(Optional.of(node));
  }

  /** The ids of the handles that have addresses of the block. */
  static Set<String> handleIds(IPAMBlock block) {
    Set<String> ids = new LinkedHashSet<>();
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      if (allocated(block, ordinal)) {
        attribute(block, ordinal)
            .map(Attribute::handleId)
            .filter(id -> !id.isEmpty() && !Handles.same(id, WINDOWS_RESERVED))
            .ifPresent(ids::add);
      }
    }
    return ids;
  }

  /** How many addresses of the block a handle has. */
  static int handleCount(IPAMBlock block, String handleId) {
    return handleCounts(block).getOrDefault(Handles.name(handleId), 0);
  }

  /** How many of them nodes use that do not own the block. */
  static int awayCount(IPAMBlock block, String handleId) {
    return awayCounts(block).getOrDefault(Handles.name(handleId), 0);
  }

  /** The allocation at an ordinal, or that it cools down; empty when it is free. */
  static Optional<AllocationInfo> info(IPAMBlock block, int ordinal) {
    if (block.spec().allocations().get(ordinal) == IntSequence.NONE) {
      return Optional.empty();
    }
    Optional<Attribute> attribute = attribute(block, ordinal);
    return Optional.of(
        new AllocationInfo(
            address(block, ordinal),
            block.spec().cidr(),
            owner(block),
            attribute.map(Attribute::handleId).filter(id -> !id.isEmpty()),
            attribute.map(Attribute::secondary).orElse(Map.of()),
            block.spec().sequenceNumberForAllocation().get(ordinal).orElse(0),
            coolingSince(block, ordinal)));
  }

  /** All allocations in the order of their addresses, with those that cool down. */
  static List<AllocationInfo> allocations(IPAMBlock block) {
    List<AllocationInfo> all = new ArrayList<>();
    for (int ordinal = 0; ordinal < block.spec().allocations().size(); ordinal++) {
      info(block, ordinal).ifPresent(all::add);
    }
    return all;
  }
}
