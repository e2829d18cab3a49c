package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import dev.manul.cni.Work.Stage;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DEL and GC, and the undoing of what was not finished.
 *
 * <p>The kernel is cleaned at once. What the datastore holds is released at once too if it answers;
 * otherwise that is written down and done later, so that no pod waits for the datastore to be able
 * to end.
 */
final class Detaching {
  private static final Logger LOG = LoggerFactory.getLogger(Detaching.class);

  private final Work work;

  Detaching(Work work) {
    this.work = work;
  }

  /** Detaches a container; one that is unknown or gone is no error. */
  void delete(Invocation invocation, Deadline deadline) {
    Workload named = Workload.of(invocation);
    Optional<Attachment> known = work.store().get(named.key());
    Workload workload = known.map(Attachment::workload).orElse(named);
    try (var _ = work.hold(deadline, workload)) {
      Optional<Attachment> attachment = work.store().get(named.key());
      if (attachment.isPresent()) {
        boolean _ = undo(attachment.get());
      } else {
        deleteUnknown(
            Attachment.begun(
                workload,
                invocation.configuration().name(),
                invocation.netns(),
                work.clock().instant()));
      }
    }
  }

  /**
   * Nothing is remembered of it: it was deleted before, or made by another program or before the
   * state was lost. Its namespace and the datastore may know more.
   */
  private void deleteUnknown(Attachment attachment) {
    AttachmentKey key = attachment.key();
    if (!attachment.netns().isEmpty()) {
      try {
        NetworkNamespace pod = NetworkNamespace.ofPath(Path.of(attachment.netns()));
        if (pod.exists() && PodKernel.removeLink(pod, key.ifname())) {
          LOG.atInfo().log("verb=DEL container={} removed=\"a link nobody remembers\"", key);
        }
      } catch (NetlinkException e) {
        // a namespace that cannot be entered is about to end, and its links with it
        LOG.atDebug().log("verb=DEL container={} problem={}", key, e.getMessage());
      }
    }
    try {
      boolean ours = work.endpoints().isOf(attachment.workload());
      if (ours && work.store().owner(attachment.device()).isEmpty()) {
        removeDevice(attachment.device());
      }
      release(attachment);
    } catch (RuntimeException e) {
      later(attachment, e);
    }
  }

  /**
   * Takes back all that an attachment has.
   *
   * @return whether the datastore's part is done too
   */
  boolean undo(Attachment attachment) {
    boolean settled = work.settled(attachment.key());
    CompletableFuture<Void> released =
        settled ? work.beside(() -> release(attachment)) : new CompletableFuture<>();
    RuntimeException kernel = null;
    try {
      removeLink(attachment);
    } catch (RuntimeException e) {
      kernel = e;
    }
    work.stages().reached(Stage.LINK_REMOVED, attachment.key());
    boolean done = false;
    if (settled) {
      try {
        Object _ = new Deadline(work.options().timeLimit()).await("releasing", released);
        work.stages().reached(Stage.ADDRESSES_RELEASED, attachment.key());
        done = true;
      } catch (RuntimeException e) {
        if (!released.isDone()) {
          CompletableFuture<?> _ = work.unsettled().put(attachment.key(), released);
        }
        later(attachment, e);
      }
    } else {
      later(attachment, new IllegalStateException("it is still being taken"));
    }
    if (kernel != null) {
      throw kernel;
    }
    if (done) {
      work.store().remove(attachment.key());
    }
    return done;
  }

  /** Removes the link, unless its device is a later sandbox's by now. */
  void removeLink(Attachment attachment) {
    if (attachment.phase() == Phase.RELEASING) {
      return;
    }
    Optional<Attachment> owner = work.store().owner(attachment.device());
    if (owner.isPresent() && !owner.get().key().equals(attachment.key())) {
      return;
    }
    work.routes().remove(attachment.device());
    Optional<Link> link = work.kernel().link(attachment.device());
    if (link.isPresent() && isOf(attachment, link.get())) {
      work.kernel().delete(link.get().index());
    }
  }

  /** Before its index was written down, a device is known by what only ours have. */
  private boolean isOf(Attachment attachment, Link link) {
    if (attachment.deviceIndex() != 0) {
      return attachment.deviceIndex() == link.index();
    }
    return link.mac().equals(Optional.of(PodLink.HOST_MAC))
        && work.store().all().stream()
            .noneMatch(
                other ->
                    !other.key().equals(attachment.key())
                        && other.device().equals(link.name())
                        && other.deviceIndex() == link.index());
  }

  private void removeDevice(String device) {
    work.routes().remove(device);
    work.kernel().link(device).ifPresent(link -> work.kernel().delete(link.index()));
  }

  private void release(Attachment attachment) {
    if (work.options().division().sideBySide()) {
      releaseSideBySide(attachment);
    } else {
      work.addresses().release(attachment, work.store().shared(attachment));
      work.endpoints().remove(attachment.workload());
    }
  }

  private void releaseSideBySide(Attachment attachment) {
    CompletableFuture<Void> endpoint =
        work.beside(() -> work.endpoints().remove(attachment.workload()));
    RuntimeException failure = null;
    try {
      work.addresses().release(attachment, work.store().shared(attachment));
    } catch (RuntimeException e) {
      failure = e; // the other is waited for all the same: nothing goes on when this is over
    }
    try {
      endpoint.join();
    } catch (CompletionException e) {
      if (failure == null) {
        failure = e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void later(Attachment attachment, RuntimeException cause) {
    LOG.atWarn()
        .log(
            "container={} pod=\"{}\" action=\"release later\" cause=\"{}\"",
            attachment.key(),
            attachment.workload(),
            cause.getMessage());
    work.store().put(attachment.withPhase(Phase.RELEASING));
  }

  /**
   * Tries again to release what had to wait.
   *
   * @return whether all of it is done
   */
  boolean retry() {
    boolean all = true;
    for (Attachment attachment : work.store().all()) {
      if (attachment.phase() == Phase.RELEASING) {
        all &= retry(attachment);
      }
    }
    return all;
  }

  private boolean retry(Attachment attachment) {
    AttachmentKey key = attachment.key();
    if (!work.settled(key)) {
      return false;
    }
    try (var _ = work.hold(new Deadline(work.options().timeLimit()), attachment.workload())) {
      if (work.store().get(key).filter(attachment::equals).isEmpty()) {
        return true; // a new ADD has come for it meanwhile
      }
      release(attachment);
      work.store().remove(key);
      CompletableFuture<?> _ = work.unsettled().remove(key);
      LOG.atInfo().log("container={} pod=\"{}\" released=later", key, attachment.workload());
      return true;
    } catch (RuntimeException e) {
      LOG.atDebug().log("container={} release=failed cause=\"{}\"", key, e.getMessage());
      return false;
    }
  }

  /** Detaches every container of a network that the runtime does not know, as of now. */
  void collect(NetworkConfiguration network, Set<AttachmentKey> alive, Deadline deadline) {
    Instant asked = work.clock().instant();
    RuntimeException failure = null;
    for (Attachment attachment : work.store().all()) {
      if (attachment.network().equals(network.name())
          && attachment.since().isBefore(asked)
          && !alive.contains(attachment.key())) {
        try (var _ = work.hold(deadline, attachment.workload())) {
          if (work.store().get(attachment.key()).filter(attachment::equals).isPresent()) {
            LOG.atInfo().log("verb=GC container={} action=detach", attachment.key());
            boolean _ = undo(attachment);
          }
        } catch (RuntimeException e) {
          failure = e; // the others are gone through all the same
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
