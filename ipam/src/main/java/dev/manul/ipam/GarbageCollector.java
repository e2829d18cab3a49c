package dev.manul.ipam;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import java.time.Clock;

/**
 * Takes back addresses and blocks that nobody uses any more, in one process of the cluster at a
 * time: of pods that went without their release, and of nodes that are gone.
 *
 * <p>Every process is a candidate. The one in office watches pods, nodes and blocks, looks at
 * everything each half grace period, when a candidate's grace ends, and a second after a pod or
 * node went. A new one in office starts every grace anew. One thread does the work; {@link #status}
 * may be asked from any.
 */
public final class GarbageCollector implements AutoCloseable {

  /** The office that collectors campaign for. */
  public static final String OFFICE = "manul-garbage-collector";

  private final CollectorThread collector;
  private final Campaign campaign;

  private GarbageCollector(CollectorThread collector, Campaign campaign) {
    this.collector = collector;
    this.campaign = campaign;
  }

  /**
   * Starts to campaign, and collects while in office.
   *
   * @param datastore where everything is kept; pods and nodes are read of it, uncached
   * @param ipam what releases
   */
  public static GarbageCollector start(
      Datastore datastore, Ipam ipam, GarbageOptions options, Clock clock) {
    CollectorThread collector = new CollectorThread(datastore, ipam, options, clock);
    Campaign campaign =
        datastore.campaign(
            OFFICE,
            options.candidate(),
            new Campaign.Listener() {
              @Override
              public void elected() {
                collector.inOffice(true);
              }

              @Override
              public void deposed() {
                collector.inOffice(false);
              }
            });
    collector.start();
    return new GarbageCollector(collector, campaign);
  }

  /** How it stands. */
  public GarbageStatus status() {
    return collector.status();
  }

  /** Withdraws and ends; waits for a write under way. */
  @Override
  public void close() {
    campaign.close();
    collector.close();
  }
}
