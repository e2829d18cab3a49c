package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.model.BlockAffinity;
import dev.manul.model.Key;
import dev.manul.model.KubeControllersConfiguration;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at everything, again and again, and remembers what looked leaked the last time. */
final class GarbagePass {
  private static final Logger LOG = LoggerFactory.getLogger(GarbagePass.class);

  private final Datastore datastore;
  private final Ipam ipam;
  private final Surroundings surroundings;
  private final GarbageOptions options;
  private final BooleanSupplier mayGoOn;
  private LeakCalculation.Memory memory = LeakCalculation.Memory.NONE;

  /**
   * How a pass ended.
   *
   * @param addresses how many were released
   * @param blocks how many were taken from nodes
   * @param due when time alone will confirm something more
   * @param grace the grace in force
   * @param problem what could not be done, in one line
   */
  record Result(
      int candidates,
      int confirmed,
      int addresses,
      int blocks,
      Optional<Instant> due,
      Duration grace,
      Optional<String> problem) {}

  /**
   * @param mayGoOn asked between writes; false when somebody else is in office
   */
  GarbagePass(
      Datastore datastore,
      Ipam ipam,
      Surroundings surroundings,
      GarbageOptions options,
      BooleanSupplier mayGoOn) {
    this.datastore = datastore;
    this.ipam = ipam;
    this.surroundings = surroundings;
    this.options = options;
    this.mayGoOn = mayGoOn;
  }

  /** One pass. Only while the surroundings are complete. */
  Result run(Instant now) {
    Duration grace = grace();
    if (ipam.locked()) {
      // What looks leaked now may be somebody's work on the locked datastore: begin anew after it.
      memory = LeakCalculation.Memory.NONE;
      return new Result(0, 0, 0, 0, Optional.empty(), grace, Optional.of(Ipam.LOCKED));
    }
    // Blocks first: a pod that is there before its address is never taken for gone.
    var blocks = surroundings.blocks();
    Set<String> claimants = claimants();
    LeakCalculation.Plan plan =
        LeakCalculation.step(
            memory,
            new LeakCalculation.Observed(
                blocks, surroundings.pods().heard(), surroundings.nodes(), claimants),
            now,
            grace);
    memory = plan.memory();
    plan.transitions().forEach(transition -> log(transition, grace));
    GarbageRelease.Outcome outcome =
        new GarbageRelease(datastore, ipam, surroundings.pods(), mayGoOn).run(plan);
    return new Result(
        plan.candidates(),
        plan.confirmed() - outcome.addresses(),
        outcome.addresses(),
        outcome.blocks(),
        plan.due(),
        grace,
        outcome.problem());
  }

  /** As users have set it; by the options where they have not, or where it cannot be read. */
  private Duration grace() {
    try {
      return datastore
          .get(KubeControllersConfiguration.KIND, Key.of(KubeControllersConfiguration.DEFAULT_NAME))
          .flatMap(KubeControllersConfiguration::leakGracePeriod)
          .orElse(options.gracePeriod());
    } catch (DatastoreException e) {
      LOG.debug("event=grace-unknown reason=\"{}\"", e.getMessage());
      return options.gracePeriod();
    }
  }

  /** Nodes that have claims, for those whose blocks are gone or never came. */
  private Set<String> claimants() {
    Set<String> claimants = new HashSet<>();
    try {
      for (BlockAffinity affinity : datastore.list(BlockAffinity.KIND, Selection.ALL).items()) {
        if (!affinity.spec().deleted() && affinity.spec().type().equals(BlockAffinity.TYPE_HOST)) {
          claimants.add(affinity.spec().node());
        }
      }
    } catch (DatastoreException e) {
      LOG.debug("event=affinities-unknown reason=\"{}\"", e.getMessage());
    }
    return claimants;
  }

  private static void log(LeakCalculation.Transition transition, Duration grace) {
    AllocationInfo allocation = transition.allocation();
    String event =
        switch (transition.change()) {
          case CANDIDATE -> "candidate-leak";
          case CONFIRMED -> "confirmed-leak";
          case VALID_AGAIN -> "leak-resurrected";
        };
    LOG.info(
        "event={} address={} handle={} node={} pod={}/{} grace={}",
        event,
        allocation.address(),
        allocation.handleId().orElse(""),
        allocation.node().orElse(""),
        allocation.attributes().getOrDefault("namespace", ""),
        allocation.attributes().getOrDefault("pod", ""),
        grace);
  }
}
