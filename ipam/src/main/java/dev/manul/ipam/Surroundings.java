package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Node;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What the collector in office listens to: pods, nodes and blocks. */
final class Surroundings implements AutoCloseable {

  /** Learns that there is something to wake up for. */
  interface Listener {

    /**
     * Something has changed.
     *
     * @param gone whether it may have left an address behind; else a listing is complete
     */
    void news(boolean gone);
  }

  private final PodRegister pods;
  private final Mirror<Node, String> nodes;
  private final Mirror<IPAMBlock, IPAMBlock> blocks;

  private Surroundings(
      PodRegister pods, Mirror<Node, String> nodes, Mirror<IPAMBlock, IPAMBlock> blocks) {
    this.pods = pods;
    this.nodes = nodes;
    this.blocks = blocks;
  }

  static Surroundings watch(Datastore datastore, PodSource source, Listener listener) {
    PodRegister pods = PodRegister.open(datastore, source, new Attentive<>(listener, true));
    Mirror<Node, String> nodes =
        Mirror.of(
            datastore, Node.KIND, node -> node.metadata().name(), new Attentive<>(listener, true));
    return new Surroundings(
        pods,
        nodes,
        Mirror.of(
            datastore, IPAMBlock.KIND, Function.identity(), new Attentive<>(listener, false)));
  }

  /** Whether all that is stored is known. Judging by less would release what is in use. */
  boolean complete() {
    return pods.complete() && nodes.complete() && blocks.complete();
  }

  Optional<String> problem() {
    return Stream.of(pods.problem(), nodes.problem(), blocks.problem())
        .flatMap(Optional::stream)
        .findFirst();
  }

  PodRegister pods() {
    return pods;
  }

  Set<String> nodes() {
    return new HashSet<>(nodes.values());
  }

  Collection<IPAMBlock> blocks() {
    return blocks.values().stream().filter(block -> !block.spec().deleted()).toList();
  }

  @Override
  public void close() {
    pods.close();
    nodes.close();
    blocks.close();
  }
}
