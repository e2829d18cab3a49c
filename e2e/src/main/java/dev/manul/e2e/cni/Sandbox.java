package dev.manul.e2e.cni;

import dev.manul.e2e.lab.Run;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod's sandbox: what a runtime makes before it asks for a network.
 *
 * @param containerId the sandbox's id
 * @param netnsName the name of its network namespace
 * @param namespace the pod's Kubernetes namespace
 * @param pod the pod's name
 */
public record Sandbox(String containerId, String netnsName, String namespace, String pod) {

  public Path netns() {
    return Path.of("/run/netns", netnsName);
  }

  /** Makes the network namespace. */
  public Sandbox make() {
    Run.ok("ip", "netns", "add", netnsName);
    Run.ok("ip", "-n", netnsName, "link", "set", "lo", "up");
    return this;
  }

  /** Takes the network namespace away, if it is there. */
  public void remove() {
    Run.of(List.of("ip", "netns", "delete", netnsName));
  }
}
