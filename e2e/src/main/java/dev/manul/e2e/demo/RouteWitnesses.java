package dev.manul.e2e.demo;

import dev.manul.e2e.lab.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link RouteWitness} on every node. */
final class RouteWitnesses implements AutoCloseable {

  private final Map<String, RouteWitness> byNode = new LinkedHashMap<>();

  private RouteWitnesses() {}

  /** Starts listening on all nodes, and returns when all monitors are heard. */
  static RouteWitnesses open(Topology topology) {
    var witnesses = new RouteWitnesses();
    try {
      for (Topology.Machine node : topology.nodes()) {
        witnesses.byNode.put(node.name(), RouteWitness.open(node.namespace()));
      }
      return witnesses;
    } catch (RuntimeException e) {
      witnesses.close();
      throw e;
    }
  }

  /** What has happened so far, a line each, with the node. */
  List<String> events() {
    List<String> events = new ArrayList<>();
    byNode.forEach(
        (node, witness) -> witness.events().forEach(event -> events.add(node + ": " + event)));
    return events;
  }

  @Override
  public void close() {
    byNode.values().forEach(RouteWitness::close);
  }
}
