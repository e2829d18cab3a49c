package dev.manul.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the kernel makes a device of a kind: tried by {@code ip} in a network namespace that is
 * gone afterwards. Lists of modules say less: a module may be there and not be allowed, or be built
 * in and on no list.
 *
 * @param presence SKIP when it could not be tried
 * @param reason why it is not OK, or ""
 */
record DeviceTrial(KernelModules.Presence presence, String reason) {

  private static final String NOT_PERMITTED = "Operation not permitted";

  /**
   * Tries.
   *
   * @param type what follows {@code ip link add NAME type}
   */
  static DeviceTrial of(List<String> type) {
    List<String> command =
        new ArrayList<>(List.of("unshare", "--net", "ip", "link", "add", "probe0", "type"));
    command.addAll(type);
    return of(command, type.getFirst());
  }

  static DeviceTrial of(List<String> command, String kind) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() == 0) {
        return new DeviceTrial(KernelModules.Presence.OK, "");
      }
      return output.contains(NOT_PERMITTED)
          ? new DeviceTrial(KernelModules.Presence.SKIP, "only root can try")
          : new DeviceTrial(
              KernelModules.Presence.FAIL,
              "no device of kind " + kind + " can be made: " + Main.oneLine(output.strip()));
    } catch (IOException e) {
      return new DeviceTrial(
          KernelModules.Presence.SKIP, "not tried, as a program is missing: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new DeviceTrial(KernelModules.Presence.SKIP, "interrupted");
    }
  }
}
