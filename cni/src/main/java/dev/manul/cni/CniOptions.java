package dev.manul.cni;

import dev.manul.model.Address;
import dev.manul.netlink.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * How the CNI server works.
 *
 * @param nodeName this node, for whose pods addresses are taken
 * @param socket where it listens; its directory is made if need be
 * @param stateDirectory where what must outlive the process is kept, below {@code cni}
 * @param mtu the MTU of pods' links where the network's configuration says none
 * @param ready whether the agent is able to serve pods: STATUS tells, and ADD waits for it a while
 * @param policy knows when a pod's policy is in force, where ADD is to wait for it
 * @param host the namespace of the node's ends of the links
 * @param division how a request's work is divided among threads
 * @param timeLimit how long a request may take before it is given up and undone
 */
public record CniOptions(
    String nodeName,
    Path socket,
    Path stateDirectory,
    IntSupplier mtu,
    Supplier<Boolean> ready,
    PolicyWait policy,
    NetworkNamespace host,
    Division division,
    Duration timeLimit) {

  /** Who knows of network policy. */
  public interface PolicyWait {
    /** For whom policy is somebody else's affair. */
    PolicyWait NONE = (_, _, _) -> CompletableFuture.completedFuture(null);

    /**
     * Completes when the policy of an endpoint that has these addresses is in force. Who waits no
     * longer cancels.
     */
    CompletableFuture<Void> inForce(String namespace, String endpoint, List<Address> addresses);
  }

  /**
   * How a request's work is divided among threads.
   *
   * @param spread how many ADDs under way at once are spread over several threads each; of more,
   *     each is done by one
   * @param sideBySide whether what is written to the datastore for one pod goes side by side, and
   *     the pod is wired meanwhile
   */
  public record Division(int spread, boolean sideBySide) {
    /**
     * For a datastore that keeps a caller waiting, as a server does: a thread that waits is idle.
     */
    public static final Division FAR_DATASTORE = new Division(Integer.MAX_VALUE, true);

    /** For one as near as a disk: handing over is worth it while there are processors to spare. */
    public static final Division NEAR_DATASTORE =
        new Division(Runtime.getRuntime().availableProcessors(), false);

    /** All of a request by its own thread. */
    static final Division NONE = new Division(0, false);
  }

  /** Below the 30 s that the host's program waits for an answer. */
  private static final Duration TIME_LIMIT = Duration.ofSeconds(25);

  public CniOptions {
    if (nodeName.isEmpty()) {
      throw new IllegalArgumentException("the CNI server must know its node's name");
    }
    if (timeLimit.isNegative() || timeLimit.isZero()) {
      throw new IllegalArgumentException("a time limit is longer than 0, not " + timeLimit);
    }
  }

  /** In the node's own namespace, for a datastore on its disk, and without policy. */
  public CniOptions(
      String nodeName, Path socket, Path stateDirectory, IntSupplier mtu, Supplier<Boolean> ready) {
    this(
        nodeName,
        socket,
        stateDirectory,
        mtu,
        ready,
        PolicyWait.NONE,
        NetworkNamespace.current(),
        Division.NEAR_DATASTORE,
        TIME_LIMIT);
  }

  public CniOptions withReady(Supplier<Boolean> newReady) {
    return new CniOptions(
        nodeName, socket, stateDirectory, mtu, newReady, policy, host, division, timeLimit);
  }

  public CniOptions withPolicy(PolicyWait newPolicy) {
    return new CniOptions(
        nodeName, socket, stateDirectory, mtu, ready, newPolicy, host, division, timeLimit);
  }

  public CniOptions withHost(NetworkNamespace newHost) {
    return new CniOptions(
        nodeName, socket, stateDirectory, mtu, ready, policy, newHost, division, timeLimit);
  }

  public CniOptions withDivision(Division newDivision) {
    return new CniOptions(
        nodeName, socket, stateDirectory, mtu, ready, policy, host, newDivision, timeLimit);
  }

  public CniOptions withTimeLimit(Duration newLimit) {
    return new CniOptions(
        nodeName, socket, stateDirectory, mtu, ready, policy, host, division, newLimit);
  }

  Path attachments() {
    return stateDirectory.resolve("cni/attachments");
  }

  Path queue() {
    return stateDirectory.resolve("cni/queue");
  }
}
