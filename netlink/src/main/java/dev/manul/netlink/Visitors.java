package dev.manul.netlink;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that enter network namespaces for others. After each task a thread goes back to the
 * process's own namespace, so that it keeps no other one alive. Each task enters its namespace
 * anew, so nothing depends on where a thread has been before.
 */
final class Visitors {

  private static final String HOME = "/proc/self/ns/net";

  /** As many as there are tasks at once; those without a task end after a while. */
  private static final ExecutorService THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("netns-", 0).factory());

  /** The namespace of the process's first thread, which never leaves it. Open for good. */
  private static final int HOME_DESCRIPTOR = openHome();

  private Visitors() {}

  private static int openHome() {
    return NetlinkSocket.check(
        "open namespace " + HOME, LibC.get().open(HOME, LibC.O_RDONLY | LibC.O_CLOEXEC));
  }

  /** Runs a task inside a namespace, on a thread that does nothing else meanwhile. */
  static <T> CompletableFuture<T> start(NetworkNamespace namespace, Callable<T> task) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    THREADS.execute(
        () -> {
          try {
            T value = visit(namespace, task);
            outcome.complete(value);
          } catch (Throwable e) { // whatever it is, it belongs to the waiting thread
            outcome.completeExceptionally(e);
          }
        });
    return outcome;
  }

  /**
   * Runs a task inside a namespace, on this thread.
   *
   * @throws IllegalStateException on a virtual thread, whose carrier is everybody's
   */
  static <T> T visit(NetworkNamespace namespace, Callable<T> task) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread cannot enter a namespace");
    }
    LibC libc = LibC.get();
    int descriptor = namespace.openDescriptor(libc);
    try {
      NetlinkSocket.check(
          "enter namespace " + namespace, libc.setns(descriptor, LibC.CLONE_NEWNET));
    } finally {
      int _ = libc.close(descriptor);
    }
    try {
      return NetworkNamespace.called("run in namespace " + namespace, task);
    } finally {
      leave(libc);
    }
  }

  /**
   * Fails only where the process has lost its rights; every later task would then fail to enter.
   */
  private static void leave(LibC libc) {
    int result = libc.setns(HOME_DESCRIPTOR, LibC.CLONE_NEWNET);
    if (result < 0) {
      throw new IllegalStateException("cannot leave a network namespace: " + new Errno(-result));
    }
  }
}
