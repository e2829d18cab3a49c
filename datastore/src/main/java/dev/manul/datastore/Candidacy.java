package dev.manul.datastore;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What campaigns of every datastore have in common: a thread that tries to come into office, tells
 * the listener, and gives the office back at the end.
 */
public abstract class Candidacy implements Campaign {
  private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);

  private final String office;
  private final String candidate;
  private final Listener listener;

  /** Counted down when the campaign is over; implementations wait on it between attempts. */
  protected final CountDownLatch over = new CountDownLatch(1);

  private Thread thread;
  private volatile boolean leads;

  protected Candidacy(String office, String candidate, Listener listener) {
    this.office = office;
    this.candidate = candidate;
    this.listener = listener;
  }

  /** Begins; called once, when the implementation is complete. */
  protected final Campaign begin() {
    thread = Thread.ofVirtual().name("campaign-" + office).start(this::run);
    return this;
  }

  private void run() {
    try {
      stand();
    } catch (InterruptedException e) {
      // the campaign is over
    } finally {
      lost("withdrawn");
      resign();
    }
  }

  /** Tries for the office and keeps it, until the campaign is over. */
  protected abstract void stand() throws InterruptedException;

  /** Makes the office free, if it is held; the listener has been told. */
  protected abstract void resign();

  /** The office is held. */
  protected final void won() {
    if (!leads) {
      leads = true;
      LOG.atInfo().log("office-won office={} candidate={}", office, candidate);
      tell(listener::elected);
    }
  }

  /** The office is held no longer. */
  protected final void lost(String reason) {
    if (leads) {
      leads = false;
      LOG.atInfo().log("office-lost office={} candidate={} reason={}", office, candidate, reason);
      tell(listener::deposed);
    }
  }

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("campaign-listener-failed office={}", office);
    }
  }

  @Override
  public final boolean leads() {
    return leads;
  }

  @Override
  public final void close() {
    over.countDown();
    thread.interrupt();
    if (Thread.currentThread().equals(thread)) {
      return; // the listener itself withdraws
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
