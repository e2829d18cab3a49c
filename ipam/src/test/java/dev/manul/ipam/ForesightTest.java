package dev.manul.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.memory.FaultyDatastore;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request is told of its addresses before they are written. */
class ForesightTest {
  private static final String NODE = "n1";

  private final ManualClock clock = new ManualClock();
  private final MemoryDatastore datastore = new MemoryDatastore(clock);

  /** Each is done before a write of a block by {@link #ipam}, in turn. */
  private final Queue<Runnable> beforeWrites = new ArrayDeque<>();

  private final List<List<Address>> told = new ArrayList<>();
  private final Ipam others = new Ipam(datastore, clock);
  private final Ipam ipam =
      new Ipam(
          new FaultyDatastore(
              datastore,
              FaultyDatastore.Hook.beforeUpdates(
                  IPAMBlock.class,
                  () -> Optional.ofNullable(beforeWrites.poll()).ifPresent(Runnable::run))),
          clock,
          _ -> {});

  @BeforeEach
  void pools() {
    Fixtures.store(
        datastore,
        Fixtures.pool("pool", "10.244.0.0/27", 28),
        Fixtures.pool("six", "fd00::/124", 124));
    assertThat(ipam.autoAssign(request(1, 1)).complete()).isTrue(); // the node has its blocks
  }

  private static AutoAssignRequest request(int ipv4, int ipv6) {
    return Fixtures.request(NODE, "h", ipv4).withCounts(ipv4, ipv6);
  }

  private List<Address> assign(AutoAssignRequest request) {
    return ipam.autoAssign(request, told::add).addresses();
  }

  /** Another process on another node, which has to borrow. */
  private Address borrow() {
    AssignmentResult.Assignment borrowed =
        others.autoAssign(Fixtures.request("n2", "b", 1)).assignments().getFirst();
    assertThat(borrowed.borrowed()).isTrue();
    return borrowed.address();
  }

  private void giveTheRestTo(String node) {
    assertThat(others.autoAssign(Fixtures.request(node, "rest", 16)).complete()).isTrue();
  }

  @Test
  void isOfWhatIsGivenAndComesBeforeItIsWritten() {
    List<Boolean> before = new ArrayList<>();
    beforeWrites.add(() -> before.add(!told.isEmpty()));
    List<Address> given = assign(request(2, 0));
    assertThat(before).containsExactly(true);
    assertThat(told).containsExactly(given);
  }

  @Test
  void isOfBothFamiliesAtOnce() {
    List<Address> given = assign(request(1, 1));
    assertThat(given).hasSize(2);
    assertThat(told).containsExactly(given);
  }

  @Test
  void holdsWhenAnotherNodeBorrowsFromTheBlockMeanwhile() {
    giveTheRestTo("n3");
    List<Address> borrowed = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      beforeWrites.add(() -> borrowed.add(borrow()));
    }
    List<Address> given = assign(request(1, 0));
    assertThat(told).containsExactly(given);
    assertThat(borrowed).hasSize(3).doesNotContainAnyElementsOf(given);
  }

  @Test
  void isOnceAndWrongWhenSomebodyTakesTheVeryAddress() {
    beforeWrites.add(
        () -> {
          var _ =
              others.assignAddress(
                  new AssignAddressRequest(
                      told.getFirst().getFirst(),
                      NODE,
                      IntendedUse.WORKLOAD,
                      Optional.of("other"),
                      Map.of()));
        });
    List<Address> given = assign(request(1, 0));
    assertThat(told).hasSize(1);
    assertThat(given).hasSize(1).doesNotContainAnyElementsOf(told.getFirst());
  }

  @Test
  void isNotOfABlockThatIsAlmostFull() {
    List<Address> given = assign(request(15 - Foresight.LEFT_FREE, 0));
    assertThat(told).containsExactly(given);
    told.clear();
    assertThat(assign(request(1, 0))).hasSize(1);
    assertThat(told).isEmpty();
  }

  @Test
  void isNotOfWhatHasToBeBorrowed() {
    giveTheRestTo("n3");
    assertThat(ipam.autoAssign(Fixtures.request(NODE, "all", 15)).complete()).isTrue();
    assertThat(others.release(List.of(ReleaseRequest.of(Address.parse("10.244.0.20")))).released())
        .hasSize(1);
    List<Address> given = assign(request(1, 0));
    assertThat(given).hasSize(1);
    assertThat(told).isEmpty();
  }

  @Test
  void isNothingThatAnybodyHasWhenTheWriteFails() {
    beforeWrites.add(
        () -> {
          throw new DatastoreException("away");
        });
    assertThatThrownBy(() -> assign(request(1, 0))).hasMessage("away");
    assertThat(told).hasSize(1);
    assertThat(others.lookup(told.getFirst().getFirst())).isEmpty();
  }
}
