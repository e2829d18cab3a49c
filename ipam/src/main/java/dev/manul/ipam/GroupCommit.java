package dev.manul.ipam;

import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes a node's own blocks for all threads of this process.
 *
 * <p>Each thread puts what it wants into the node's queue and takes the node's lock. The one that
 * gets it does everything that waits in the queue, its own and the others', with one write a block;
 * the others find theirs done when they get the lock. So threads never conflict with each other,
 * and the more of them wait, the fewer writes each costs.
 */
final class GroupCommit {
  private final Parts parts;
  private final OwnBlocks.OfNode own;

  GroupCommit(Parts parts, OwnBlocks.OfNode own) {
    this.parts = parts;
    this.own = own;
  }

  /** What one thread wants done, and how it came out; guarded by the node's lock. */
  static final class Ticket {
    private final List<? extends OwnBlockWork> works;
    private boolean served;
    private RuntimeException failure;

    private Ticket(List<? extends OwnBlockWork> works) {
      this.works = works;
    }

    private boolean open() {
      return failure == null && works.stream().anyMatch(work -> !work.finished());
    }
  }

  /**
   * Does all of {@code works}, or as much as can be done.
   *
   * @throws RuntimeException what the datastore threw, or {@link IpamException}, when one of them
   *     failed; others may have been done
   */
  void perform(List<? extends OwnBlockWork> works) {
    Ticket ticket = new Ticket(works);
    own.waiting.add(ticket);
    own.lock.lock();
    try {
      if (!ticket.served) {
        serve();
      }
    } finally {
      own.lock.unlock();
    }
    if (ticket.failure != null) {
      throw ticket.failure;
    }
  }

  private void serve() {
    List<Ticket> batch = new ArrayList<>();
    for (Ticket next = own.waiting.poll(); next != null; next = own.waiting.poll()) {
      batch.add(next);
    }
    try {
      takeFromOwn(batch);
      for (Ticket ticket : batch) {
        obtain(ticket, batch);
      }
    } finally {
      batch.forEach(ticket -> ticket.served = true);
    }
  }

  private void obtain(Ticket ticket, List<Ticket> batch) {
    for (OwnBlockWork work : ticket.works) {
      while (ticket.failure == null && !work.finished()) {
        try {
          if (!work.obtainMore()) {
            break;
          }
        } catch (RuntimeException e) {
          ticket.failure = e;
          return;
        }
        takeFromOwn(batch);
      }
    }
  }

  private void takeFromOwn(List<Ticket> batch) {
    for (IPAMBlock block : own.blocks()) {
      List<Ticket> open = batch.stream().filter(Ticket::open).toList();
      if (open.isEmpty()) {
        return;
      }
      try {
        change(block, open);
      } catch (RuntimeException e) {
        // Whether the block was written may not be known: nobody can be told that it was.
        open.stream().filter(Ticket::open).forEach(ticket -> ticket.failure = e);
      }
    }
  }

  private record Part(Ticket ticket, OwnBlockWork work) {}

  /** Writes one block with everything that is to be done in it. */
  private void change(IPAMBlock remembered, List<Ticket> open) {
    Prefix cidr = remembered.spec().cidr();
    Attempts attempts = new Attempts(parts.pause(), "writing block " + cidr);
    List<Part> all = parts(open);
    IPAMBlock current = remembered;
    while (true) {
      if (current == null || !BlockArithmetic.ownedBy(current, own.node())) {
        own.forget(cidr);
        return;
      }
      List<Part> involved = new ArrayList<>();
      IPAMBlock next = current;
      for (Part part : all) {
        Optional<IPAMBlock> after =
            part.work().finished() ? Optional.empty() : part.work().apply(next);
        if (after.isPresent()) {
          involved.add(part);
          next = after.get();
        }
      }
      if (involved.isEmpty()) {
        own.seen(current);
        return;
      }
      involved.forEach(part -> part.work().aboutToWrite());
      switch (parts.blocks().update(next)) {
        case Written<IPAMBlock>(IPAMBlock stored) -> {
          own.seen(stored);
          involved.forEach(part -> written(part, stored));
          return;
        }
        case Conflict<IPAMBlock>(Optional<IPAMBlock> stored) ->
            current = stored.filter(b -> !b.spec().deleted()).orElse(null);
      }
      attempts.lost();
      if (attempts.waited()) {
        current = parts.blocks().get(cidr).orElse(null);
      }
    }
  }

  /** Releases come first: what they free is there for the others if they need it. */
  private static List<Part> parts(List<Ticket> open) {
    List<Part> releases = new ArrayList<>();
    List<Part> others = new ArrayList<>();
    for (Ticket ticket : open) {
      for (OwnBlockWork work : ticket.works) {
        if (!work.finished()) {
          (work instanceof OwnRelease ? releases : others).add(new Part(ticket, work));
        }
      }
    }
    releases.addAll(others);
    return releases;
  }

  private static void written(Part part, IPAMBlock stored) {
    try {
      part.work().written(stored);
    } catch (RuntimeException e) {
      part.ticket().failure = e; // the block was written all the same
    }
  }
}
