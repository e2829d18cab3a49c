package dev.manul.e2e.lab;

import java.util.ArrayList;
import java.util.List;

/** A network namespace that answers pings of its own addresses, or not. */
public final class PingedNamespace implements AutoCloseable {

  public static final String NEAR = "127.0.0.1";
  public static final String FAR = "192.0.2.1";

  private final String name;

  /** The name is to be nobody else's. */
  public PingedNamespace(String prefix) {
    name = prefix + ProcessHandle.current().pid();
    Run.ok("ip", "netns", "add", name);
    Run.ip(name, List.of("link set lo up", "address add " + FAR + "/32 dev lo"));
  }

  public String name() {
    return name;
  }

  /** From now on pings of {@link #FAR} are lost. */
  public void lose() {
    rule("-A");
  }

  /** From now on all pings are answered again. */
  public void answer() {
    rule("-D");
  }

  private void rule(String action) {
    List<String> words = new ArrayList<>(List.of("iptables", action, "INPUT"));
    words.addAll(List.of("-d", FAR, "-p", "icmp", "-j", "DROP"));
    Run.of(Run.inNamespace(name, words)).orThrow();
  }

  @Override
  public void close() {
    Run.ok("ip", "netns", "delete", name);
  }
}
