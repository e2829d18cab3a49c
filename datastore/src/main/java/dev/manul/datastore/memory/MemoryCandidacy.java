package dev.manul.datastore.memory;

import dev.manul.datastore.Candidacy;
import java.util.concurrent.Semaphore;

/** A candidate for an office of one process: first come, first elected. */
final class MemoryCandidacy extends Candidacy {
  private final Semaphore seat;
  private boolean seated; // of the campaign's thread

  /**
   * A candidate.
   *
   * @param seat of one permit, fair, which is the office
   */
  MemoryCandidacy(Semaphore seat, String office, String candidate, Listener listener) {
    super(office, candidate, listener);
    this.seat = seat;
    begin();
  }

  @Override
  protected void stand() throws InterruptedException {
    seat.acquire();
    seated = true;
    won();
    over.await();
  }

  @Override
  protected void resign() {
    if (seated) {
      seat.release();
    }
  }
}
