package dev.manul.netlink;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A network namespace, named by how to enter it.
 *
 * <p>Nothing here changes the namespace of the calling thread: what has to be done inside another
 * one is done by threads that are there for it ({@link Visitors}).
 */
public final class NetworkNamespace {

  private static final Path NAMED = Path.of("/run/netns");
  private static final String OWN = "/proc/thread-self/ns/net";

  /**
   * Where the settings can be written. A container that is not privileged has {@code /proc/sys}
   * read-only, and the node's {@code /proc/sys/net} mounted elsewhere; MANUL_PROC_SYS_NET says
   * where. The kernel shows there, too, the namespace of the thread that looks.
   */
  private static final Path SYSCTLS =
      Path.of(System.getenv().getOrDefault("MANUL_PROC_SYS_NET", "/proc/sys/net")).normalize();

  private static final NetworkNamespace CURRENT = new NetworkNamespace(Optional.empty());

  private final Optional<Path> path;

  /** The directory of the settings of the namespace of whichever thread opens a file in it. */
  public static Path sysctls() {
    return SYSCTLS;
  }

  private NetworkNamespace(Optional<Path> path) {
    this.path = path;
  }

  /** The namespace of the calling thread: this process's, or that of a {@link #call}. */
  public static NetworkNamespace current() {
    return CURRENT;
  }

  /** The namespace of a name, as {@code ip netns} lists it: {@code /run/netns/NAME}. */
  public static NetworkNamespace named(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException("\"" + name + "\" is not the name of a namespace");
    }
    return ofPath(NAMED.resolve(name));
  }

  /** The namespace behind a file, such as a CNI runtime's. */
  public static NetworkNamespace ofPath(Path path) {
    return new NetworkNamespace(Optional.of(path));
  }

  /**
   * Creates a namespace of a name, as {@code ip netns add} does; its {@code lo} is down.
   *
   * @throws NetlinkException EEXIST when there is one of that name
   */
  public static NetworkNamespace create(String name) {
    NetworkNamespace namespace = named(name);
    Path file = namespace.path.orElseThrow();
    String attempted = "create namespace " + name;
    LibC libc = LibC.get();
    try {
      Files.createDirectories(NAMED);
      share(libc, attempted);
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      throw new NetlinkException(attempted, Errno.EEXIST);
    } catch (IOException e) {
      throw new NetlinkException(attempted, Errno.EIO, e.toString());
    }
    try {
      onOwnThread(
          attempted,
          () -> {
            NetlinkSocket.check(attempted, libc.unshare(LibC.CLONE_NEWNET));
            return NetlinkSocket.check(
                attempted, libc.mount(OWN, file.toString(), "none", LibC.MS_BIND));
          });
    } catch (RuntimeException e) {
      namespace.delete();
      throw e;
    }
    return namespace;
  }

  /**
   * Runs a task in a namespace without a name that is made for it and ends with it, and waits for
   * it. {@link #current} is that namespace meanwhile.
   *
   * @throws NetlinkException when no namespace can be made, or the task throws something that is
   *     checked
   */
  public static <T> T callInNew(Callable<T> task) {
    String attempted = "make a namespace";
    return onOwnThread(
        attempted,
        () -> {
          NetlinkSocket.check(attempted, LibC.get().unshare(LibC.CLONE_NEWNET));
          return task.call();
        });
  }

  /**
   * Makes mounts below {@code /run/netns} seen by the mount namespaces that were copied from this
   * one. Only a mount point can be shared, so the directory is first mounted onto itself.
   */
  private static void share(LibC libc, String attempted) {
    String directory = NAMED.toString();
    int shared = libc.mount("", directory, "none", LibC.MS_SHARED | LibC.MS_REC);
    if (shared == -Errno.EINVAL.number()) {
      NetlinkSocket.check(
          attempted, libc.mount(directory, directory, "none", LibC.MS_BIND | LibC.MS_REC));
      shared = libc.mount("", directory, "none", LibC.MS_SHARED | LibC.MS_REC);
    }
    NetlinkSocket.check(attempted, shared);
  }

  /** Where the namespace's file is; empty for the current one. */
  public Optional<Path> path() {
    return path;
  }

  /** Whether the namespace's file is there. */
  public boolean exists() {
    return path.isEmpty() || Files.exists(path.get());
  }

  /**
   * Takes away the name of a namespace, as {@code ip netns delete} does. The namespace itself ends
   * with the last process or socket in it. Nothing happens when there is none of that name.
   */
  public void delete() {
    Path file =
        path.filter(p -> NAMED.equals(p.getParent()))
            .orElseThrow(
                () -> new IllegalStateException(this + " has no name in " + NAMED + " to delete"));
    int result = LibC.get().umount(file.toString(), LibC.MNT_DETACH);
    if (result == -Errno.ENOENT.number()) {
      return;
    }
    if (result < 0 && result != -Errno.EINVAL.number()) { // EINVAL: a mere file
      throw new NetlinkException("delete namespace " + file, new Errno(-result));
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new NetlinkException("delete namespace " + file, Errno.EIO, e.toString());
    }
  }

  /** Runs a task inside the namespace and waits for it. */
  public void run(Runnable task) {
    Object _ =
        call(
            () -> {
              task.run();
              return this;
            });
  }

  /**
   * Runs a task inside the namespace and waits for it: on a platform thread that does nothing else
   * meanwhile, or for {@link #current} on the calling thread.
   *
   * @throws NetlinkException when the namespace cannot be entered, or the task throws something
   *     that is checked
   */
  public <T> T call(Callable<T> task) {
    return path.isEmpty() ? called("run", task) : outcome(Visitors.start(this, task));
  }

  /**
   * Runs a task inside the namespace, on a platform thread that does nothing else meanwhile, and
   * does not wait for it.
   *
   * @return fails as {@link #call} would
   */
  public CompletableFuture<Void> start(Runnable task) {
    return Visitors.start(
        this,
        () -> {
          task.run();
          return null;
        });
  }

  /**
   * Runs a task inside the namespace on the calling thread, a platform thread that is in the
   * process's own namespace and returns there. To be used where a thread would only wait for
   * another to do it.
   *
   * @throws NetlinkException when the namespace cannot be entered
   */
  public void visit(Runnable task) {
    if (path.isEmpty()) {
      task.run();
      return;
    }
    Object _ =
        Visitors.visit(
            this,
            () -> {
              task.run();
              return this;
            });
  }

  /** Opens the namespace's file; the caller closes the descriptor. */
  int openDescriptor(LibC libc) {
    String file = path.map(Path::toString).orElse(OWN);
    return NetlinkSocket.check(
        "open namespace " + file, libc.open(file, LibC.O_RDONLY | LibC.O_CLOEXEC));
  }

  static <T> T called(String attempted, Callable<T> task) {
    try {
      return task.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      NetlinkException failed = new NetlinkException(attempted, Errno.EIO, e.toString());
      failed.initCause(e);
      throw failed;
    }
  }

  /** Runs a task on a thread of its own, which may change its namespace for good. */
  private static <T> T onOwnThread(String attempted, Callable<T> task) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    var _ =
        Thread.ofPlatform()
            .name("netns")
            .daemon()
            .start(
                () -> {
                  try {
                    outcome.complete(called(attempted, task));
                  } catch (Throwable e) { // whatever it is, it belongs to the waiting thread
                    outcome.completeExceptionally(e);
                  }
                });
    return outcome(outcome);
  }

  /** Waits for an outcome, whatever interrupts come. */
  private static <T> T outcome(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Reads a setting of the namespace.
   *
   * @param name below {@code /proc/sys/net}, such as {@code ipv4/ip_forward}
   */
  public String readSysctl(String name) {
    return call(() -> Files.readString(sysctl(name)).strip());
  }

  /** Writes a setting of the namespace; see {@link #readSysctl}. */
  public void writeSysctl(String name, String value) {
    Object _ = call(() -> Files.writeString(sysctl(name), value + "\n", StandardOpenOption.WRITE));
  }

  /** The kernel shows below this the settings of the namespace of the thread that opens a file. */
  private static Path sysctl(String name) {
    Path file = SYSCTLS.resolve(name).normalize();
    if (!file.startsWith(SYSCTLS) || file.equals(SYSCTLS)) {
      throw new IllegalArgumentException("\"" + name + "\" is not a setting below " + SYSCTLS);
    }
    return file;
  }

  @Override
  public String toString() {
    return path.map(Path::toString).orElse("current");
  }
}
