package dev.manul.agent;

import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whether the kernel shows iptables what bridges carry from port to port (br_netfilter). Without,
 * policy is asked only about what a bridge's pods exchange with others than pods of their bridge.
 */
final class BridgeFilter {
  private static final List<String> SETTINGS =
      List.of("bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables");

  private BridgeFilter() {}

  /** Whether the kernel is able to. */
  static boolean isThere() {
    return SETTINGS.stream()
        .allMatch(setting -> Files.exists(NetworkNamespace.sysctls().resolve(setting)));
  }

  /**
   * Switches it on, as kubelets do.
   *
   * @return why it is off
   */
  static Optional<String> switchOn() {
    if (!isThere()) {
      return Optional.of("this kernel shows iptables no bridged packets: load br_netfilter");
    }
    for (String setting : SETTINGS) {
      Path file = NetworkNamespace.sysctls().resolve(setting);
      try {
        if (!Files.readString(file).strip().equals("1")) {
          Files.writeString(file, "1");
        }
      } catch (IOException e) {
        return Optional.of(
            "sysctl net.%s cannot be set to 1: %s"
                .formatted(setting.replace('/', '.'), e.getMessage()));
      }
    }
    return Optional.empty();
  }
}
