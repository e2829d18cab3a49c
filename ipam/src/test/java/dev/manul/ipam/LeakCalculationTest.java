package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.ipam.LeakCalculation.Change;
import dev.manul.ipam.LeakCalculation.Memory;
import dev.manul.ipam.LeakCalculation.Observed;
import dev.manul.ipam.LeakCalculation.Plan;
import dev.manul.ipam.PodTable.Entry;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is judged leaked, when, and what is released together. */
class LeakCalculationTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration GRACE = Duration.ofMinutes(15);
  private static final Duration NONE = Duration.ZERO;

  private final Map<String, IPAMBlock> blocks = new HashMap<>();
  private final List<Entry> pods = new ArrayList<>();
  private Set<String> nodes = Set.of("n1", "n2");
  private Set<String> claimants = Set.of();
  private Memory memory = Memory.NONE;

  private void block(String cidr, String node) {
    blocks.put(cidr, BlockArithmetic.claimed(Prefix.parse(cidr), node, START));
  }

  /** Allocates the first free address of a block. */
  private Address allocate(String cidr, String handle, Map<String, String> attributes) {
    var taken =
        BlockArithmetic.take(
            blocks.get(cidr), 1, IPAMBlock.Attribute.of(handle, attributes), a -> false);
    blocks.put(cidr, taken.block());
    return BlockArithmetic.address(taken.block(), taken.ordinals().get(0));
  }

  private static Map<String, String> ofPod(String node, String pod) {
    return Map.of("node", node, "namespace", "default", "pod", pod);
  }

  private static Map<String, String> tunnel(String node) {
    return Map.of("node", node, "type", TunnelType.IPIP.attribute());
  }

  private void pod(String pod, String node, boolean finished, Address... addresses) {
    pods.add(new Entry(new Key("default", pod), node, Set.of(addresses), finished));
  }

  private Plan step(Duration after, Duration grace) {
    Plan plan =
        LeakCalculation.step(
            memory,
            new Observed(blocks.values(), PodTable.of(pods), nodes, claimants),
            START.plus(after),
            grace);
    memory = plan.memory();
    return plan;
  }

  private static Set<String> leaks(Plan plan) {
    return plan.leaks().stream()
        .flatMap(List::stream)
        .map(leak -> leak.address().toString())
        .collect(Collectors.toSet());
  }

  private static List<Change> changes(Plan plan) {
    return plan.transitions().stream().map(LeakCalculation.Transition::change).toList();
  }

  /** The allocation is 10.0.0.0 of pod default/web on n1. */
  @ParameterizedTest
  @CsvSource({
    // what the pod is like,      candidate
    "running with the address,    false",
    "without addresses,           false",
    "with another address,        true",
    "finished with the address,   true",
    "finished without addresses,  true",
    "on another node,             true",
    "absent,                      true",
    "another with the address,    false",
  })
  void podsVouchForTheirAllocations(String how, boolean candidate) {
    block("10.0.0.0/29", "n1");
    Address address = allocate("10.0.0.0/29", "h", ofPod("n1", "web"));
    Address other = Address.parse("10.0.0.5");
    switch (how) {
      case "running with the address" -> pod("web", "n1", false, address);
      case "without addresses" -> pod("web", "n1", false);
      case "with another address" -> pod("web", "n1", false, other);
      case "finished with the address" -> pod("web", "n1", true, address);
      case "finished without addresses" -> pod("web", "n1", true);
      case "on another node" -> pod("web", "n2", false, other);
      case "absent" -> pod("other", "n1", false, other);
      case "another with the address" -> pod("other", "n1", false, address);
      default -> throw new IllegalArgumentException(how);
    }
    Plan plan = step(NONE, GRACE);
    assertThat(plan.candidates()).isEqualTo(candidate ? 1 : 0);
    assertThat(plan.confirmed()).isZero();
    assertThat(plan.leaks()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"pod", "namespace", "both", "vmi-name"})
  void whatCannotBeJudgedIsValid(String how) {
    block("10.0.0.0/29", "gone");
    Map<String, String> attributes = new HashMap<>(ofPod("gone", "web"));
    switch (how) {
      case "both" -> attributes.keySet().removeAll(Set.of("pod", "namespace"));
      case "vmi-name" -> attributes.put("vmi-name", "vm");
      default -> attributes.remove(how);
    }
    allocate("10.0.0.0/29", "h", attributes);
    Plan plan = step(NONE, GRACE);
    assertThat(plan.candidates() + plan.confirmed()).isZero();
    assertThat(plan.goneNodes()).as("its blocks stay, too").isEmpty();
  }

  @Test
  void aCandidateIsConfirmedWhenTheGraceIsOver() {
    block("10.0.0.0/29", "n1");
    allocate("10.0.0.0/29", "h", ofPod("n1", "web"));
    Plan first = step(NONE, GRACE);
    assertThat(changes(first)).containsExactly(Change.CANDIDATE);
    assertThat(first.due()).contains(START.plus(GRACE));
    Plan early = step(GRACE.minusMillis(1), GRACE);
    assertThat(early.leaks()).isEmpty();
    assertThat(early.transitions()).isEmpty();
    Plan due = step(GRACE, GRACE);
    assertThat(leaks(due)).containsExactly("10.0.0.0");
    assertThat(changes(due)).containsExactly(Change.CONFIRMED);
    assertThat(due.confirmed()).isEqualTo(1);
    assertThat(due.candidates()).isZero();
    assertThat(step(GRACE.plusSeconds(1), GRACE).transitions())
        .as("it is told once, however long the release takes")
        .isEmpty();
  }

  @Test
  void aPodThatComesBackStartsTheGraceAnew() {
    block("10.0.0.0/29", "n1");
    Address address = allocate("10.0.0.0/29", "h", ofPod("n1", "web"));
    step(NONE, GRACE);
    pod("web", "n1", false, address);
    assertThat(changes(step(Duration.ofMinutes(14), GRACE))).containsExactly(Change.VALID_AGAIN);
    pods.clear();
    assertThat(step(Duration.ofMinutes(16), GRACE).leaks()).isEmpty();
    assertThat(step(Duration.ofMinutes(30), GRACE).leaks()).isEmpty();
    assertThat(leaks(step(Duration.ofMinutes(31), GRACE))).hasSize(1);
  }

  @Test
  void anAddressGivenOutAgainIsAnotherSuspect() {
    block("10.0.0.0/32", "n1");
    Address address = allocate("10.0.0.0/32", "h", ofPod("n1", "web"));
    step(NONE, GRACE);
    IPAMBlock freed =
        BlockArithmetic.release(
                blocks.get("10.0.0.0/32"), List.of(ReleaseRequest.of(address)), NONE, START)
            .block();
    blocks.put("10.0.0.0/32", freed);
    assertThat(allocate("10.0.0.0/32", "h", ofPod("n1", "web"))).isEqualTo(address);
    assertThat(step(GRACE, GRACE).leaks()).isEmpty();
    assertThat(leaks(step(GRACE.multipliedBy(2), GRACE))).hasSize(1);
  }

  @Test
  void graceZeroCountsCandidatesAndReleasesNothingOfANodeThatExists() {
    block("10.0.0.0/29", "n1");
    block("10.0.0.8/29", "n1");
    allocate("10.0.0.0/29", "h", ofPod("n1", "web"));
    step(NONE, NONE);
    Plan plan = step(Duration.ofDays(30), NONE);
    assertThat(plan.candidates()).isEqualTo(1);
    assertThat(plan.leaks()).isEmpty();
    assertThat(plan.idle()).isEmpty();
    assertThat(plan.due()).isEmpty();
    nodes = Set.of("n2");
    Plan gone = step(Duration.ofDays(30), NONE);
    assertThat(leaks(gone)).hasSize(1);
    assertThat(gone.goneNodes()).containsExactly("n1");
  }

  @Test
  void addressesOfOneHandleGoTogether() {
    block("10.0.0.0/29", "n1");
    block("10.0.1.0/29", "n2");
    Address first = allocate("10.0.0.0/29", "Net.abc", ofPod("n1", "web"));
    Address second = allocate("10.0.1.0/29", "net.ABC", ofPod("n1", "web"));
    pod("web", "n1", false, second);
    step(NONE, GRACE);
    Plan held = step(GRACE, GRACE);
    assertThat(held.confirmed()).isEqualTo(1);
    assertThat(held.leaks()).isEmpty();
    pods.clear();
    step(GRACE, GRACE);
    assertThat(leaks(step(GRACE.multipliedBy(2), GRACE)))
        .containsExactlyInAnyOrder(first.toString(), second.toString());
  }

  @Test
  void aGoneNodeLosesEverythingAtOnce() {
    block("10.0.0.0/29", "n3");
    block("10.0.1.0/29", "n1");
    Address leaked = allocate("10.0.0.0/29", "h", ofPod("n3", "web"));
    Address borrowed = allocate("10.0.1.0/29", "h2", ofPod("n3", "db"));
    Address tunnel = allocate("10.0.0.0/29", "ipip-tunnel-addr-n3", tunnel("n3"));
    Plan plan = step(NONE, GRACE);
    assertThat(leaks(plan))
        .containsExactlyInAnyOrder(leaked.toString(), borrowed.toString(), tunnel.toString());
    assertThat(plan.goneNodes()).containsExactly("n3");
  }

  @Test
  void aGoneNodeWithAPodKeepsItsTunnelAndItsBlocks() {
    block("10.0.0.0/29", "n3");
    Address used = allocate("10.0.0.0/29", "h", ofPod("n3", "web"));
    Address leaked = allocate("10.0.0.0/29", "h2", ofPod("n3", "db"));
    allocate("10.0.0.0/29", "ipip-tunnel-addr-n3", tunnel("n3"));
    pod("web", "n3", false, used);
    Plan plan = step(NONE, GRACE);
    assertThat(leaks(plan)).containsExactly(leaked.toString());
    assertThat(plan.goneNodes()).isEmpty();
    assertThat(plan.missingNodes()).containsExactly("n3");
  }

  @Test
  void tunnelsOfNodesThatExistAreNeverCandidates() {
    block("10.0.0.0/29", "n1");
    allocate("10.0.0.0/29", "ipip-tunnel-addr-n1", tunnel("n1"));
    step(NONE, GRACE);
    Plan plan = step(Duration.ofDays(1), GRACE);
    assertThat(plan.candidates() + plan.confirmed()).isZero();
  }

  @Test
  void claimsWithoutBlocksNameGoneNodes() {
    claimants = Set.of("n1", "n9");
    assertThat(step(NONE, GRACE).goneNodes()).containsExactly("n9");
  }

  @Test
  void emptyBlocksGoWhenSeenEmptyAcrossTheGraceAndNeverTheLast() {
    Stream.of("10.0.0.0/29", "10.0.0.8/29", "10.0.0.16/29").forEach(cidr -> block(cidr, "n1"));
    block("10.0.1.0/29", "n2");
    block("fd00::/125", "n1");
    allocate("10.0.0.8/29", "h", Map.of("node", "n1"));
    Plan first = step(NONE, GRACE);
    assertThat(first.idle()).isEmpty();
    assertThat(first.due()).contains(START.plus(GRACE));
    assertThat(step(GRACE, GRACE).idle())
        .extracting(idle -> idle.cidr().toString())
        .containsExactlyInAnyOrder("10.0.0.0/29", "10.0.0.16/29");
  }

  @Test
  void ofEmptyBlocksOneStays() {
    block("10.0.0.0/29", "n1");
    block("10.0.0.8/29", "n1");
    step(NONE, GRACE);
    assertThat(step(GRACE, GRACE).idle())
        .extracting(idle -> idle.cidr().toString())
        .containsExactly("10.0.0.8/29");
  }

  @Test
  void aBlockThatWasUsedMeanwhileIsNotIdle() {
    block("10.0.0.0/29", "n1");
    block("10.0.0.8/29", "n1");
    step(NONE, GRACE);
    Address address = allocate("10.0.0.8/29", "h", ofPod("n1", "web"));
    blocks.computeIfPresent(
        "10.0.0.8/29",
        (cidr, block) ->
            BlockArithmetic.release(block, List.of(ReleaseRequest.of(address)), NONE, START)
                .block());
    assertThat(step(GRACE, GRACE).idle())
        .as("the other one is idle and the last")
        .extracting(idle -> idle.cidr().toString())
        .containsExactly("10.0.0.0/29");
  }

  @Test
  void addressesThatCoolDownAreNobodys() {
    block("10.0.0.0/29", "n3");
    Address address = allocate("10.0.0.0/29", "h", ofPod("n3", "web"));
    blocks.computeIfPresent(
        "10.0.0.0/29",
        (cidr, block) ->
            BlockArithmetic.release(
                    block, List.of(ReleaseRequest.of(address)), Duration.ofMinutes(5), START)
                .block());
    Plan plan = step(NONE, GRACE);
    assertThat(plan.leaks()).isEmpty();
    assertThat(plan.goneNodes()).containsExactly("n3");
  }
}
