package dev.manul.e2e.cni;

import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a runtime asks of a plugin.
 *
 * @param environment the variables, nothing else being in the plugin's environment but PATH
 */
public record PluginRequest(Map<String, String> environment) {

  public PluginRequest {
    environment = Map.copyOf(environment);
  }

  /**
   * What came of it.
   *
   * @param output what the plugin wrote to its standard output
   */
  public record Outcome(int status, String output) {}

  /** A request that concerns no container. */
  public static PluginRequest of(String command) {
    return new PluginRequest(Map.of("CNI_COMMAND", command));
  }

  /** A request for a pod's interface {@code eth0}. */
  public static PluginRequest of(String command, Sandbox sandbox) {
    return new PluginRequest(
        Map.of(
            "CNI_COMMAND", command,
            "CNI_CONTAINERID", sandbox.containerId(),
            "CNI_NETNS", sandbox.netns().toString(),
            "CNI_IFNAME", "eth0",
            "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s"
                    .formatted(sandbox.namespace(), sandbox.pod(), sandbox.containerId())));
  }

  /** This request with more variables, or other values of them. */
  public PluginRequest withEnvironment(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(environment);
    all.putAll(more);
    return new PluginRequest(all);
  }

  /**
   * Runs a plugin.
   *
   * @param node the network namespace that it runs in
   * @param input the network configuration
   */
  public Outcome run(Path node, Path plugin, String input) {
    var builder =
        new ProcessBuilder(List.of("nsenter", "--net=" + node, plugin.toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    String path = builder.environment().get("PATH");
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(plugin.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("%s: interrupted", plugin);
    }
  }
}
