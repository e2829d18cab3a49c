package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.policy.kernel.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When the kernel is tried again that has refused. Time is moved by hand. */
class PolicyKeeperIT {

  private static final List<Long> MILLIS =
      List.of(
          100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L, 30_000L, 30_000L);

  private static void run(TestHosts hosts, String words) {
    var _ = TestHosts.run(hosts.node, words);
  }

  @Test
  void whatIsRefusedIsTriedAgainLessAndLessOften() {
    var now = new AtomicLong(1_000_000_000L);
    var options =
        NetworkPolicyOptions.DEFAULT
            .withBackend(Backend.NFT)
            .withLongestCheck(Duration.ofMinutes(10));
    try (var hosts = new TestHosts();
        var keeper = new PolicyKeeper(hosts.node, options, now::get)) {
      // a set of our name and another type, which somebody's rule keeps from being destroyed
      run(hosts, "ipset create mnl4-all-pools hash:ip");
      run(hosts, "iptables-nft -A INPUT -m set --match-set mnl4-all-pools src");
      var pool =
          new IPPool(
              Metadata.named("pods"),
              IPPool.Spec.of(Prefix.parse("10.244.0.0/16")).withNatOutgoing(true));
      keeper.nat(new NatRules.Input(Set.of(pool), Set.of()));
      keeper.synced();

      List<Long> waits = new ArrayList<>();
      for (int i = 0; i < MILLIS.size(); i++) {
        assertThat(keeper.settle()).as("attempt %d", i).isTrue();
        assertThat(keeper.status().failing())
            .singleElement()
            .asString()
            .startsWith("set mnl4-all-pools: ");
        assertThat(keeper.settle()).as("right after attempt %d", i).isFalse();
        waits.add(Duration.ofNanos(keeper.untilNextNanos()).toMillis());
        now.addAndGet(keeper.untilNextNanos());
      }
      assertThat(waits).isEqualTo(MILLIS);

      run(hosts, "iptables-nft -F INPUT");
      run(hosts, "ipset destroy mnl4-all-pools");
      assertThat(keeper.settle()).isTrue();
      assertThat(keeper.status().failing()).isEmpty();
      assertThat(TestHosts.run(hosts.node, "ipset list mnl4-all-pools")).contains("10.244.0.0/16");
      assertThat(Duration.ofNanos(keeper.untilNextNanos()))
          .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(10));

      run(hosts, "iptables-nft -t nat -F");
      run(hosts, "iptables-nft -F");
      run(hosts, "ipset destroy mnl4-all-pools");
      run(hosts, "ipset create mnl4-all-pools hash:ip");
      run(hosts, "iptables-nft -A INPUT -m set --match-set mnl4-all-pools src");
      keeper.doubt();
      assertThat(keeper.settle()).isTrue();
      assertThat(keeper.status().failing()).isNotEmpty();
      assertThat(Duration.ofNanos(keeper.untilNextNanos())).isEqualTo(Duration.ofMillis(100));
    }
  }
}
