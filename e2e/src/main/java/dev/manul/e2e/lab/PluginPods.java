package dev.manul.e2e.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Attaches pods to nodes by the CNI plugin itself, with the network configuration that lies beside
 * the topology: for labs whose pods are not joined as Calico's are.
 *
 * @param program the plugin's program
 * @param configuration of the network, as the runtime hands it in
 */
record PluginPods(LabDirectory directory, Path program, Path configuration) {

  Pod attach(Topology.Machine node, String name) {
    String namespace = Pod.networkNamespaceOf(name);
    Fabric.addNamespace(namespace);
    String container = "lab-" + name;
    List<String> words = new ArrayList<>(List.of("env"));
    words.add("MANUL_CNI_SOCKET=" + directory.runDirectory(node.name()).resolve("cni.sock"));
    words.add("MANUL_CNI_QUEUE=" + directory.stateDirectory(node.name()).resolve("cni/queue"));
    words.add("CNI_COMMAND=ADD");
    words.add("CNI_CONTAINERID=" + container);
    words.add("CNI_NETNS=/run/netns/" + namespace);
    words.add("CNI_IFNAME=eth0");
    words.add("CNI_PATH=" + program.getParent());
    words.add(
        "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s"
            .formatted(Pod.NAMESPACE, name, container));
    words.add(program.toString());
    Run run = Run.of(Run.inNamespace(node.namespace(), words), network());
    if (run.status() != 0) {
      throw new LabException("pod %s: %s", name, run.output().strip());
    }
    try {
      String address = new ObjectMapper().readTree(run.output()).at("/ips/0/address").asText();
      return new Pod(name, node.name(), address.substring(0, address.indexOf('/')));
    } catch (IOException | IndexOutOfBoundsException e) {
      throw new LabException("pod %s: the plugin answered %s", name, run.output().strip());
    }
  }

  private String network() {
    try {
      return Files.readString(configuration);
    } catch (IOException e) {
      throw new LabException("%s: cannot be read: %s", configuration, e.getMessage());
    }
  }
}
