package dev.manul.netlink;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A network namespace, named by how to enter it.
 *
 * <p>Nothing here changes the namespace of the calling thread: what has to be done inside another
 * one is done by a thread that is started for it and ends with it.
 */
public final class NetworkNamespace {

  private static final Path NAMED = Path.of("/run/netns");
  private static final NetworkNamespace CURRENT = new NetworkNamespace(Optional.empty());

  private final Optional<Path> path;

  private NetworkNamespace(Optional<Path> path) {
    this.path = path;
  }

  /** The namespace this process is in. */
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

  /** The namespace of a process. */
  public static NetworkNamespace ofPid(int pid) {
    return ofPath(Path.of("/proc", Integer.toString(pid), "ns/net"));
  }

  /**
   * Creates a namespace of a name, as {@code ip netns add} does; its {@code lo} is down.
   *
   * @throws NetlinkException EEXIST when there is one of that name
   */
  public static NetworkNamespace create(String name) {
    return Optional.<NetworkNamespace>empty().orElseThrow();
  }

  /** Where the namespace's file is; empty for the current one. */
  public Optional<Path> path() {
    return path;
  }

  /** Whether the namespace is there. */
  public boolean exists() {
    return Optional.<Boolean>empty().orElseThrow();
  }

  /**
   * Takes away the name of a namespace, as {@code ip netns delete} does. The namespace itself ends
   * with the last process or socket in it. Nothing happens when there is none of that name.
   */
  public void delete() {
    var _ = path.orElseThrow();
  }

  /** Runs a task inside the namespace and waits for it. */
  public void run(Runnable task) {
    call(
        () -> {
          task.run();
          return null;
        });
  }

  /**
   * Runs a task inside the namespace, on a platform thread of its own, and waits for it.
   *
   * @throws NetlinkException when the namespace cannot be entered, or the task throws something
   *     that is checked
   */
  public <T> T call(Callable<T> task) {
    return Optional.<T>empty().orElseThrow();
  }

  /**
   * Reads a setting of the namespace.
   *
   * @param name below {@code /proc/sys/net}, such as {@code ipv4/ip_forward}
   */
  public String readSysctl(String name) {
    return Optional.<String>empty().orElseThrow();
  }

  /** Writes a setting of the namespace; see {@link #readSysctl}. */
  public void writeSysctl(String name, String value) {
    var _ = path.orElseThrow();
  }

  @Override
  public String toString() {
    return path.map(Path::toString).orElse("current");
  }
}
