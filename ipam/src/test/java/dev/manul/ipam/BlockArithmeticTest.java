package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMBlock.Attribute;
import dev.manul.model.IntSequence;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockArithmeticTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Attribute POD = Attribute.of("pod", Map.of("node", "n1"));

  private final IPAMBlock block = BlockArithmetic.claimed(Prefix.parse("10.0.0.0/29"), "n1", NOW);

  private static IntSequence ordinals(int... ordinals) {
    return IntSequence.of(ordinals);
  }

  private static IPAMBlock take(IPAMBlock from, int count, Attribute owner) {
    return BlockArithmetic.take(from, count, owner, address -> false).block();
  }

  private static IPAMBlock release(IPAMBlock from, String... addresses) {
    List<ReleaseRequest> requests = new ArrayList<>();
    for (String address : addresses) {
      requests.add(ReleaseRequest.of(Address.parse(address)));
    }
    return BlockArithmetic.release(from, requests, Duration.ZERO, NOW).block();
  }

  @Test
  void aNewBlockIsEmptyItsNodesAndNumberedByTheTime() {
    assertThat(BlockArithmetic.isEmpty(block)).isTrue();
    assertThat(BlockArithmetic.ownedBy(block, "n1")).isTrue();
    assertThat(BlockArithmetic.ownedBy(block, "n")).isFalse();
    assertThat(BlockArithmetic.owner(block)).contains("n1");
    assertThat(BlockArithmetic.freeCount(block)).isEqualTo(8);
    assertThat(block.spec().sequenceNumber()).isEqualTo(1_767_225_600_000_000_000L);
    assertThat(block.spec().affinityClaimTime()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(BlockFaults.of(block)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/29, 10.0.0.7, 7",
    "10.0.0.64/26, 10.0.0.64, 0",
    "255.255.255.192/26, 255.255.255.255, 63",
    "fd00::40/122, fd00::7f, 63",
    "10.1.2.3/32, 10.1.2.3, 0"
  })
  void ordinalsCountFromTheFirstAddress(String cidr, String address, int ordinal) {
    Prefix prefix = Prefix.parse(cidr);
    assertThat(BlockArithmetic.ordinal(prefix, Address.parse(address))).isEqualTo(ordinal);
    assertThat(BlockArithmetic.address(BlockArithmetic.claimed(prefix, "n", NOW), ordinal))
        .isEqualTo(Address.parse(address));
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 8", "3, 3, 5", "8, 8, 0", "20, 8, 0"})
  void takesWhatThereIs(int wanted, int taken, int left) {
    var result = BlockArithmetic.take(block, wanted, POD, address -> false);
    assertThat(result.ordinals().size()).isEqualTo(taken);
    assertThat(BlockArithmetic.freeCount(result.block())).isEqualTo(left);
    assertThat(BlockArithmetic.handleCount(result.block(), "POD")).isEqualTo(taken);
    assertThat(result.block().spec().sequenceNumber() - block.spec().sequenceNumber())
        .isEqualTo(taken == 0 ? 0 : 1);
    assertThat(result.block().spec().attributes()).hasSize(taken == 0 ? 0 : 1);
  }

  @Test
  void reservedAddressesAreSkippedAndKeepTheirPlaceInTheQueue() {
    var result =
        BlockArithmetic.take(block, 2, POD, address -> address.equals(Address.parse("10.0.0.1")));
    assertThat(result.ordinals()).isEqualTo(ordinals(0, 2));
    assertThat(result.block().spec().unallocated()).isEqualTo(ordinals(1, 3, 4, 5, 6, 7));
  }

  @ParameterizedTest
  @CsvSource({"0, 3, '4,5,6'", "0, 6, '4,5,6,7,0,1'", "5, 1, 6", "7, 2, 7", "8, 1, ''"})
  void whoBorrowsBeginsInTheMiddle(int used, int wanted, String taken) {
    var result = BlockArithmetic.borrow(take(block, used, POD), wanted, POD, address -> false);
    int[] expected =
        Stream.of(taken.split(",")).filter(t -> !t.isEmpty()).mapToInt(Integer::parseInt).toArray();
    assertThat(result.ordinals()).isEqualTo(ordinals(expected));
    assertThat(BlockFaults.of(result.block())).isEmpty();
    assertThat(BlockArithmetic.freeCount(result.block())).isEqualTo(8 - used - expected.length);
  }

  @Test
  void releasedAddressesAreUsedLast() {
    IPAMBlock used = release(take(block, 3, POD), "10.0.0.1", "10.0.0.0");
    assertThat(used.spec().unallocated()).isEqualTo(ordinals(3, 4, 5, 6, 7, 1, 0));
    assertThat(BlockArithmetic.take(used, 7, POD, address -> false).ordinals())
        .isEqualTo(ordinals(3, 4, 5, 6, 7, 1, 0));
  }

  @Test
  void oneAddressIsTakenOnce() {
    var first = BlockArithmetic.takeOrdinal(block, 5, POD);
    assertThat(first.ordinals()).isEqualTo(ordinals(5));
    assertThat(BlockArithmetic.takeOrdinal(first.block(), 5, POD).ordinals().isEmpty()).isTrue();
    assertThat(first.block().spec().unallocated().contains(5)).isFalse();
  }

  @Test
  void anAllocationRemembersTheBlocksNumber() {
    IPAMBlock taken = take(take(block, 1, POD), 1, POD);
    long number = block.spec().sequenceNumber();
    assertThat(taken.spec().sequenceNumberForAllocation().get(0)).hasValue(number + 1);
    assertThat(taken.spec().sequenceNumberForAllocation().get(1)).hasValue(number + 2);
    assertThat(release(taken, "10.0.0.0").spec().sequenceNumberForAllocation().size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "pod, 1, true",
    "POD, 1, true",
    ", 1, true",
    "pod, , true",
    "other, 1, false",
    "pod, 2, false"
  })
  void aReleaseMustNameTheAllocationItMeans(String handle, Long number, boolean allowed) {
    IPAMBlock taken = take(block, 1, POD);
    long base = block.spec().sequenceNumber();
    var request =
        new ReleaseRequest(
            Address.parse("10.0.0.0"),
            Optional.ofNullable(handle),
            number == null ? OptionalLong.empty() : OptionalLong.of(base + number));
    var released = BlockArithmetic.release(taken, List.of(request), Duration.ZERO, NOW);
    assertThat(released.result().released()).hasSize(allowed ? 1 : 0);
    assertThat(released.result().refused()).hasSize(allowed ? 0 : 1);
    assertThat(released.handles()).hasSize(allowed ? 1 : 0);
  }

  @Test
  void oneRefusalStopsTheWholeBlocksRelease() {
    IPAMBlock taken = take(block, 2, POD);
    var released =
        BlockArithmetic.release(
            taken,
            List.of(
                ReleaseRequest.of(Address.parse("10.0.0.0")),
                new ReleaseRequest(
                    Address.parse("10.0.0.1"), Optional.of("other"), OptionalLong.empty()),
                ReleaseRequest.of(Address.parse("10.0.0.7"))),
            Duration.ZERO,
            NOW);
    assertThat(released.block()).isSameAs(taken);
    assertThat(released.result().released()).isEmpty();
    assertThat(released.result().unallocated()).containsExactly(Address.parse("10.0.0.7"));
    assertThat(released.result().refused())
        .extracting(ReleaseResult.Refusal::reason)
        .containsExactly(
            "it is allocated with handle pod, not with other",
            "another release for its block was refused");
  }

  @Test
  void attributesThatNobodyHasAreDropped() {
    IPAMBlock taken = take(take(block, 1, POD), 1, Attribute.of("web", Map.of("node", "n2")));
    IPAMBlock left = release(taken, "10.0.0.0");
    assertThat(left.spec().attributes()).extracting(Attribute::handleId).containsExactly("web");
    assertThat(left.spec().allocations().get(1)).isZero();
    assertThat(BlockArithmetic.info(left, 1).orElseThrow().borrowed()).isTrue();
    assertThat(BlockFaults.of(left)).isEmpty();
  }

  @Test
  void aReleasedAddressCoolsDownBeforeItIsUsedAgain() {
    Duration cooldown = Duration.ofSeconds(30);
    IPAMBlock taken = take(block, 8, POD);
    var request = List.of(ReleaseRequest.of(Address.parse("10.0.0.2")));
    IPAMBlock cooling = BlockArithmetic.release(taken, request, cooldown, NOW).block();
    assertThat(BlockArithmetic.freeCount(cooling)).isZero();
    assertThat(BlockArithmetic.allocated(cooling, 2)).isFalse();
    assertThat(BlockArithmetic.handleCount(cooling, "pod")).isEqualTo(7);
    assertThat(BlockArithmetic.info(cooling, 2).orElseThrow().coolingSince()).contains(NOW);
    assertThat(BlockFaults.of(cooling)).isEmpty();
    assertThat(BlockArithmetic.release(cooling, request, cooldown, NOW).result().unallocated())
        .hasSize(1);

    assertThat(BlockArithmetic.thawed(cooling, cooldown, NOW.plusSeconds(29))).isSameAs(cooling);
    IPAMBlock thawed = BlockArithmetic.thawed(cooling, cooldown, NOW.plusSeconds(30));
    assertThat(thawed.spec().unallocated()).isEqualTo(ordinals(2));
    assertThat(thawed.spec().attributes()).hasSize(1);
    // Whoever asks for exactly this address need not wait.
    assertThat(BlockArithmetic.takeOrdinal(cooling, 2, POD).ordinals()).isEqualTo(ordinals(2));
  }

  @Test
  void addressesThatWindowsReservesDoNotFillABlock() {
    IPAMBlock reserved = take(block, 4, Attribute.of(BlockArithmetic.WINDOWS_RESERVED, Map.of()));
    assertThat(BlockArithmetic.isEmpty(reserved)).isTrue();
    assertThat(BlockArithmetic.isEmpty(take(reserved, 1, POD))).isFalse();
  }

  @Test
  void faultsAreNamed() {
    IPAMBlock.Spec spec = take(block, 1, POD).spec();
    IPAMBlock broken =
        block.withSpec(
            new IPAMBlock.Spec(
                spec.cidr(),
                spec.affinity(),
                "",
                ordinals(0, 5, -1, -1, -1, -1, -1, -1),
                ordinals(0, 3, 3, 4, 5, 6, 9),
                spec.attributes(),
                1,
                spec.sequenceNumberForAllocation(),
                false,
                false));
    assertThat(BlockFaults.of(broken))
        .containsExactly(
            "10.0.0.3 waits twice to be allocated",
            "its free ordinal 9 is not within 0 to 7",
            "10.0.0.0 is both allocated and free",
            "10.0.0.1 refers to attribute 5 of 1",
            "10.0.0.2 is neither allocated nor free",
            "10.0.0.7 is neither allocated nor free");
  }

  /** Any order of takes and releases does what a map of addresses to owners does. */
  @Test
  void behavesLikeAMap() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      IPAMBlock current = BlockArithmetic.claimed(Prefix.parse("10.0.0.0/28"), "n", NOW);
      Map<Integer, String> model = new TreeMap<>();
      for (int step = 0; step < 60; step++) {
        Attribute owner = Attribute.of("h" + random.nextInt(4), Map.of());
        int ordinal = random.nextInt(16);
        switch (random.nextInt(4)) {
          case 0 -> {
            var taken = BlockArithmetic.take(current, random.nextInt(4), owner, a -> false);
            taken.ordinals().stream()
                .forEach(o -> assertThat(model.put(o, owner.handleId())).isNull());
            current = taken.block();
          }
          case 1 -> {
            var taken = BlockArithmetic.takeOrdinal(current, ordinal, owner);
            assertThat(taken.ordinals().isEmpty()).isEqualTo(model.containsKey(ordinal));
            model.putIfAbsent(ordinal, owner.handleId());
            current = taken.block();
          }
          case 2 -> {
            current = release(current, "10.0.0." + ordinal);
            model.remove(ordinal);
          }
          default -> {
            current =
                BlockArithmetic.releaseHandle(current, owner.handleId(), Duration.ZERO, NOW)
                    .block();
            model.values().removeIf(owner.handleId()::equals);
          }
        }
        IPAMBlock now = current;
        assertThat(BlockFaults.of(now)).as("seed %d", seed).isEmpty();
        assertThat(
                IntStream.range(0, 16)
                    .filter(o -> BlockArithmetic.allocated(now, o))
                    .boxed()
                    .toList())
            .containsExactlyElementsOf(model.keySet());
        assertThat(now.spec().attributes().size()).isLessThanOrEqualTo(model.size());
      }
    }
  }
}
