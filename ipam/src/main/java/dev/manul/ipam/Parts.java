package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What every operation works with; one for each {@link Ipam}. */
record Parts(
    Datastore datastore,
    Clock clock,
    Attempts.Pause pause,
    StoredBlocks blocks,
    HandleLedger handles,
    BlockClaims claims,
    OwnBlocks own) {

  static Parts over(Datastore datastore, Clock clock, Attempts.Pause pause) {
    StoredBlocks blocks = new StoredBlocks(datastore);
    HandleLedger handles = new HandleLedger(datastore, blocks, pause);
    return new Parts(
        datastore,
        clock,
        pause,
        blocks,
        handles,
        new BlockClaims(datastore, blocks, handles, clock, pause),
        new OwnBlocks());
  }

  /** What an allocation remembers; the node always, since borrowing is told by it. */
  static IPAMBlock.Attribute attribute(
      String node, Optional<String> handleId, Map<String, String> attributes) {
    Map<String, String> all = new TreeMap<>(attributes);
    all.putIfAbsent("node", node);
    return IPAMBlock.Attribute.of(handleId.orElse(""), all);
  }

  /**
   * Counts addresses about to be taken.
   *
   * @param earlier the raise for a try that failed, or null at the first
   * @param handleId "" for none
   * @return null when there is no handle
   */
  HandleLedger.Raise raised(HandleLedger.Raise earlier, String handleId, Prefix block, int count) {
    if (handleId.isEmpty()) {
      return null;
    }
    return earlier == null
        ? handles.raise(handleId, block, count)
        : handles.again(earlier, block, count);
  }

  /** Takes back a raise, if there was one. */
  void withdraw(HandleLedger.Raise raise) {
    if (raise != null) {
      handles.withdraw(raise);
    }
  }
}
