package dev.manul.cni;

import dev.manul.cni.Attachment.Phase;
import dev.manul.netlink.Link;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done without a request: at start the undoing of what an earlier process left, afterwards
 * the deletions that the host's program queued and the releases that had to wait.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  private static final String ENDING = ".request";
  private static final long ROUND_MILLIS = 5_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final Work work;
  private final Verbs verbs;
  private final Runnable everyRound;
  private final WatchService watch;
  private final AtomicInteger queued = new AtomicInteger();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param everyRound is run every few seconds
   */
  Upkeep(Work work, Verbs verbs, Runnable everyRound) throws IOException {
    this.work = work;
    this.verbs = verbs;
    this.everyRound = everyRound;
    Path queue = work.options().queue();
    Files.createDirectories(queue);
    this.watch = FileSystems.getDefault().newWatchService();
    WatchKey _ = queue.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    this.thread = Thread.ofPlatform().daemon().name("cni-upkeep").unstarted(this::run);
  }

  int queued() {
    return queued.get();
  }

  void start() {
    thread.start();
  }

  /**
   * Compares what is remembered with the kernel. What was not finished is undone, what has gone
   * without us is to be released; the datastore's part of it follows in the background.
   *
   * <p>A container is gone when neither its namespace's file nor its link is there. One of them
   * alone proves nothing: this process may not see the files of namespaces.
   */
  void sweep() {
    Map<String, Link> links = new HashMap<>();
    work.kernel().links().forEach(link -> links.put(link.name(), link));
    int undone = 0;
    int gone = 0;
    for (Attachment attachment : work.store().all()) {
      switch (attachment.phase()) {
        case ADDING -> {
          verbs.detaching().removeLink(attachment);
          work.store().put(attachment.withPhase(Phase.RELEASING));
          undone++;
        }
        case DONE -> {
          Link link = links.get(attachment.device());
          boolean linked = link != null && link.index() == attachment.deviceIndex();
          if (linked) {
            restore(attachment, link);
          } else if (!Files.exists(Path.of(attachment.netns()))) {
            work.store().put(attachment.withPhase(Phase.RELEASING));
            gone++;
          }
        }
        case RELEASING -> {}
      }
    }
    LOG.atInfo().log(
        "event=swept attachments={} undone={} gone={}",
        work.store().count(Phase.DONE),
        undone,
        gone);
  }

  /** What leads to a pod is wanted again, and mended where it is gone with a bridge. */
  private void restore(Attachment attachment, Link link) {
    try {
      if (attachment
          .port()
          .filter(p -> !work.bridges().differences(p, link).isEmpty())
          .isPresent()) {
        work.attach(attachment);
      } else {
        work.route(attachment);
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .log("container={} restore=failed cause=\"{}\"", attachment.key(), e.getMessage());
    }
  }

  private void run() {
    long pause = ROUND_MILLIS;
    while (!closed) {
      try {
        boolean done = drain();
        done &= verbs.detaching().retry();
        everyRound.run();
        pause = done ? ROUND_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        WatchKey key = watch.poll(done ? ROUND_MILLIS : pause / 8, TimeUnit.MILLISECONDS);
        if (key != null) {
          key.pollEvents().clear();
          boolean _ = key.reset();
        }
      } catch (InterruptedException | java.nio.file.ClosedWatchServiceException _) {
        return;
      } catch (RuntimeException e) {
        LOG.error("thread=cni-upkeep", e);
      }
    }
  }

  /**
   * Works through the queue, oldest name first.
   *
   * @return whether nothing is left in it
   */
  private boolean drain() {
    int left = 0;
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(work.options().queue(), "*" + ENDING)) {
      for (Path file : files) {
        if (closed || !drain(file)) {
          left++;
        }
      }
    } catch (IOException e) {
      LOG.atWarn().log("queue={} problem={}", work.options().queue(), e.toString());
      left++;
    }
    queued.set(left);
    return left == 0;
  }

  private boolean drain(Path file) throws IOException {
    Frame frame;
    try {
      frame = Frame.read(new ByteArrayInputStream(Files.readAllBytes(file)));
    } catch (IOException | CniException e) {
      LOG.atWarn().log("file={} problem={} action=\"put aside\"", file, e.getMessage());
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".bad"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      return true;
    }
    if (frame.variable("CNI_COMMAND").equals(Invocation.Verb.DEL.name())) {
      AtomicReference<Frame.Answer> said = new AtomicReference<>();
      verbs.serve(frame, said::set);
      Frame.Answer answer = said.get();
      LOG.atInfo().log("file={} success={} {}", file, answer.success(), answer.text());
      if (!answer.success() && mayPass(answer)) {
        return false;
      }
    }
    Files.deleteIfExists(file);
    return true;
  }

  /** Whether it is worth trying again: a request that is wrong stays so. */
  private static boolean mayPass(Frame.Answer answer) {
    return answer.text().contains("\"code\":" + CniException.Code.TRY_AGAIN_LATER.number() + ",")
        || answer.text().contains("\"code\":" + CniException.Code.KERNEL_FAILURE.number() + ",")
        || answer.text().contains("\"code\":" + CniException.Code.IO_FAILURE.number() + ",");
  }

  @Override
  public void close() {
    closed = true;
    try {
      watch.close();
      thread.join(work.options().timeLimit().toMillis());
    } catch (IOException e) {
      LOG.atDebug().log("watch=queue problem={}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
