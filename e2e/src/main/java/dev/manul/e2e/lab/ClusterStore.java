package dev.manul.e2e.lab;

import dev.manul.datastore.Datastore;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the state of a lab's cluster is kept, and what the lab does there in place of the programs
 * that a cluster would have besides.
 */
public interface ClusterStore extends AutoCloseable {

  /** What agents, and manulctl beside them, find in their environment. */
  Map<String, String> environment();

  /** The machines are wired and no agent has started. */
  void machinesWired(Topology topology, Progress progress);

  /** All agents are ready. */
  void agentsReady(Topology topology);

  /** The state, for the lab's own writes; the caller closes it. */
  Datastore open();

  /**
   * Pods have been given to nodes.
   *
   * @param names their names, by node
   */
  void podsScheduled(Map<String, List<String>> names);

  /** Pods have networks and run. */
  void podsRunning(List<Pod> pods);

  /**
   * Changes a pool as a user would.
   *
   * @param patch a merge patch, JSON
   * @return the command, for people to read
   */
  String patchPool(Lab lab, String pool, String patch);

  /** How the store is made to fail; empty for one that is no program of its own. */
  default Optional<Outage> outage() {
    return Optional.empty();
  }

  /** Ends what the store has started. */
  @Override
  void close();

  /** Makes a store's server fail, and brings it back. */
  interface Outage {

    /** It keeps its connections and answers nothing. */
    void freeze();

    /** It goes on where it was frozen. */
    void thaw();

    /** It is gone at once. */
    void kill();

    /** It is started again; returns when it answers. */
    void restart();
  }
}
