package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.ipam.TunnelType;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Follows a pool's change until the nodes have it. An agent that can be asked says by which modes
 * its routes are made and whether the kernel has them; of any other node there is only what it
 * publishes, the address of its tunnel.
 */
final class PoolWatch {
  private static final long LOOK_MILLIS = 100;

  private final Datastore datastore;
  private final Agents.Found agents;
  private final PrintStream progress;

  PoolWatch(Datastore datastore, Agents.Found agents, PrintStream progress) {
    this.datastore = datastore;
    this.agents = agents;
    this.progress = progress;
  }

  /**
   * What came of it.
   *
   * @param states of every node, in words
   */
  record Outcome(Map<String, String> states, int exitCode, double seconds) {}

  private static final String CONVERGED = "converged";

  /** Follows; tells of each node when it has followed. */
  Outcome follow(IPPool pool, Duration limit) {
    long began = System.nanoTime();
    List<Node> nodes = datastore.list(Node.KIND, Selection.ALL).items();
    Map<String, String> states = new TreeMap<>();
    List<Node> open = new ArrayList<>();
    for (Node node : nodes) {
      String name = node.metadata().name();
      if (agents.byNode().containsKey(name)) {
        open.add(node);
      } else {
        states.put(name, "cannot be asked from here");
      }
    }
    progress.println("%d nodes, %d of them can be asked".formatted(nodes.size(), open.size()));
    while (true) {
      open.removeIf(
          node -> {
            String name = node.metadata().name();
            String state = state(agents.byNode().get(name), pool);
            states.put(name, state);
            if (state.equals(CONVERGED)) {
              progress.println(
                  "node %s has converged after %.1f s (%d of %d)"
                      .formatted(name, since(began), count(states), agentsOf(nodes)));
            }
            return state.equals(CONVERGED);
          });
      if (open.isEmpty()
          || System.nanoTime() - began > limit.toNanos()
          || !Repeat.pause(LOOK_MILLIS)) {
        break;
      }
    }
    return outcome(pool, states, open, since(began));
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static long count(Map<String, String> states) {
    return states.values().stream().filter(CONVERGED::equals).count();
  }

  private long agentsOf(List<Node> nodes) {
    return nodes.stream()
        .filter(node -> agents.byNode().containsKey(node.metadata().name()))
        .count();
  }

  private Outcome outcome(
      IPPool pool, Map<String, String> states, List<Node> open, double seconds) {
    Map<String, String> all = new LinkedHashMap<>();
    boolean unasked = false;
    for (Node node : datastore.list(Node.KIND, Selection.ALL).items()) {
      String name = node.metadata().name();
      String state = states.getOrDefault(name, "came while this was followed");
      if (!agents.byNode().containsKey(name)) {
        unasked = true;
        state += "; " + published(node, pool);
      }
      all.put(name, state);
    }
    int code =
        !open.isEmpty() ? ExitCode.NOT_CONVERGED : unasked ? ExitCode.UNDECIDED : ExitCode.OK;
    return new Outcome(all, code, seconds);
  }

  private static String state(AgentClient agent, IPPool pool) {
    Map<?, ?> answer;
    try {
      answer = BgpQuestion.tree(agent.get("/v1/pools"));
    } catch (CommandFailure away) {
      return away.getMessage();
    }
    Optional<Map<?, ?>> found =
        BgpQuestion.objects(answer, "pools").stream()
            .filter(one -> BgpQuestion.text(one, "name").equals(pool.metadata().name()))
            .findFirst();
    if (found.isEmpty()) {
      return "does not know the pool yet";
    }
    boolean follows =
        BgpQuestion.text(found.get(), "ipipMode").equals(pool.spec().ipipMode().toString())
            && BgpQuestion.text(found.get(), "vxlanMode")
                .equals(pool.spec().vxlanMode().toString());
    if (!follows) {
      return "has not heard of the change yet";
    }
    List<String> waiting = BgpQuestion.texts(answer, "waiting");
    if (!waiting.isEmpty()) {
      return waiting.getFirst();
    }
    return BgpQuestion.truth(answer, "settled")
        ? CONVERGED
        : "its routes are not in the kernel yet";
  }

  /** What a node's resource says: the address of the tunnel, while its device is in use. */
  private static String published(Node node, IPPool pool) {
    boolean four = pool.spec().cidr().family() == AddressFamily.IPV4;
    boolean vxlan = (four ? TunnelType.VXLAN : TunnelType.VXLAN_V6).recorded(node).isPresent();
    boolean ipip = TunnelType.IPIP.recorded(node).isPresent();
    boolean wantsVxlan = pool.spec().vxlanMode() != EncapsulationMode.NEVER;
    boolean wantsIpip = pool.spec().ipipMode() != EncapsulationMode.NEVER;
    if ((wantsVxlan && !vxlan) || (wantsIpip && !ipip)) {
      return "it publishes no " + (wantsVxlan ? "VXLAN" : "IP-in-IP") + " tunnel address yet";
    }
    return wantsVxlan || wantsIpip
        ? "it publishes its " + (wantsVxlan ? "VXLAN" : "IP-in-IP") + " tunnel address"
        : "of this mode a node publishes nothing";
  }
}
