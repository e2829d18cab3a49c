package dev.manul.cli;

import dev.manul.model.AgentStatus;
import java.util.List;
import java.util.Map;

/**
 * An agent at one moment.
 *
 * @param nanos when, of {@link System#nanoTime}
 * @param peers its neighbours as {@code /v1/bgp/neighbors} tells
 */
record NodeSample(AgentStatus status, List<Map<?, ?>> peers, long nanos) {

  static NodeSample of(AgentClient agent) {
    AgentStatus status = AgentReader.read(agent);
    List<Map<?, ?>> peers =
        BgpQuestion.objects(BgpQuestion.tree(agent.get("/v1/bgp/neighbors")), "neighbors");
    return new NodeSample(status, peers, System.nanoTime());
  }

  String node() {
    return status.node();
  }

  long sessionsUp() {
    return peers.stream().filter(NodeSample::isUp).count();
  }

  static boolean isUp(Map<?, ?> peer) {
    return BgpQuestion.text(peer, "state").equals("Established");
  }

  /** A count of one of the peers; 0 where it has none. */
  long count(String address, String name) {
    return peers.stream()
        .filter(peer -> BgpQuestion.text(peer, "address").equals(address))
        .map(peer -> peer.get(name))
        .mapToLong(value -> value instanceof Number number ? number.longValue() : 0)
        .sum();
  }

  /** How much a count has grown in a second since an earlier look; never negative. */
  double rate(NodeSample earlier, String address, String name) {
    double seconds = (nanos - earlier.nanos) / 1e9;
    long grown = count(address, name) - earlier.count(address, name);
    return seconds <= 0 ? 0 : Math.max(0, grown / seconds);
  }
}
