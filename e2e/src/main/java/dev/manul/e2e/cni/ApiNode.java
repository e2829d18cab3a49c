package dev.manul.e2e.cni;

import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.kube.ControlPlaneOptions;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A node for pods, and a control plane outside its namespace that has its cluster's state. Between
 * the two is a link of their own.
 */
public final class ApiNode implements AutoCloseable {

  private static final int LINK_LENGTH = 30;
  private static final String NODE_END = "api0";

  private final String link;
  private final ControlPlane plane;
  private final PodNode node;

  private ApiNode(String link, ControlPlane plane, PodNode node) {
    this.link = link;
    this.plane = plane;
    this.node = node;
  }

  /**
   * Makes a node, and starts a control plane that has it and one pool of mode Never; the agent is
   * not started yet.
   *
   * @param name of the namespace and of the node, of up to 13 characters
   * @param directory where the node's files go; made if need be
   * @param dist the build's programs
   * @param api the control plane's address; the next is the node's, in the same /30
   * @param pool the pool's prefix
   * @param blockSize the prefix length of its blocks
   */
  public static ApiNode up(
      KubeBinaries binaries,
      String name,
      Path directory,
      Path dist,
      Address api,
      String pool,
      int blockSize) {
    String link = name + "-a";
    Run.ok("ip", "link", "add", link, "type", "veth", "peer", "name", name + "-n");
    ControlPlane plane = null;
    try {
      Run.ok("ip", "address", "add", api + "/" + LINK_LENGTH, "dev", link);
      Run.ok("ip", "link", "set", link, "up");
      plane = ControlPlane.start(ControlPlaneOptions.of(binaries).at(api));
      plane.applyCrds();
      String _ =
          plane.kubectlWith(
              node(name) + "---\n" + PodNode.pool(pool, blockSize), "create", "--filename=-");
      PodNode node =
          PodNode.up(
              name,
              directory,
              dist,
              Map.of("DATASTORE_TYPE", "kubernetes", "KUBECONFIG", plane.kubeconfig().toString()));
      var made = new ApiNode(link, plane, node);
      made.join(api.plus(1));
      return made;
    } catch (RuntimeException e) {
      if (plane != null) {
        plane.close();
      }
      var _ = Run.of(List.of("ip", "link", "delete", link));
      throw e;
    }
  }

  private void join(Address address) {
    try {
      Run.ok("ip", "link", "set", node.name() + "-n", "netns", node.name(), "name", NODE_END);
      Run.ip(
          node.name(),
          List.of(
              "address add " + address + "/" + LINK_LENGTH + " dev " + NODE_END,
              "link set " + NODE_END + " up"));
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private static String node(String name) {
    return """
        apiVersion: v1
        kind: Node
        metadata: {name: %s}
        """
        .formatted(name);
  }

  /**
   * Makes pods in the API, for sandboxes of theirs.
   *
   * @param onNode the node's name; empty for none
   */
  public void createPods(String namespace, String onNode, List<String> names) {
    String pods =
        names.stream()
            .map(
                name ->
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, namespace: %s}
                    spec: {nodeName: "%s", containers: [{name: c, image: none}]}
                    """
                        .formatted(name, namespace, onNode))
            .collect(Collectors.joining("---\n"));
    String _ = plane.kubectlWith(pods, "create", "--filename=-");
  }

  public ControlPlane plane() {
    return plane;
  }

  public PodNode node() {
    return node;
  }

  @Override
  public void close() {
    node.close();
    plane.close();
    var _ = Run.of(List.of("ip", "link", "delete", link));
  }
}
