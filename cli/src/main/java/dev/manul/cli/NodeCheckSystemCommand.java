package dev.manul.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code manulctl node checksystem}: whether this machine's kernel has what Manul uses, and which
 * encapsulations it really makes devices of.
 */
@Command(
    name = "checksystem",
    header = "Checks that this machine's kernel has the modules that Manul uses.",
    footer = {
      "",
      "OK: there, loaded or to be loaded. FAIL: not there. SKIP: not loaded, and there is no",
      "/lib/modules of this kernel to tell whether it could be. A FAIL of an optional module is no",
      "failure. Exits with 1 when a module that is needed is not known to be there.",
      "",
      "Encapsulations are tried, by making a device of each kind in a network namespace of its",
      "own; a node without one is not ready while a pool asks for it. With another --root they",
      "are not tried.",
      "",
      "Examples:",
      "  manulctl node checksystem",
      "  manulctl node checksystem --root /host"
    })
final class NodeCheckSystemCommand implements Callable<Integer> {

  /**
   * @param names the names that the module has had, today's first
   * @param use what it is for, where Manul does without it; "" where it does not
   */
  private record Module(List<String> names, String use) {
    static Module needed(String... names) {
      return new Module(List.of(names), "");
    }

    static Module optional(String name, String use) {
      return new Module(List.of(name), use);
    }
  }

  private static final List<Module> MODULES =
      List.of(
          Module.needed("ip_set"),
          Module.needed("ip_set_hash_net"),
          Module.needed("nf_tables", "ip_tables"),
          Module.needed("nf_conntrack"),
          Module.needed("xt_addrtype", "ipt_addrtype"),
          Module.needed("xt_comment"),
          Module.needed("xt_conntrack"),
          Module.needed("xt_mark"),
          Module.needed("xt_multiport"),
          Module.needed("xt_set"),
          Module.needed("xt_MASQUERADE", "ipt_MASQUERADE"),
          Module.needed("ipt_REJECT"),
          Module.needed("ipt_rpfilter"),
          Module.needed("veth"),
          Module.optional("ipip", "pools with an ipipMode"),
          Module.optional("vxlan", "pools with a vxlanMode"),
          Module.optional("tun", "pools with a udpMode"),
          Module.optional("ip6_tables", "IPv6 with iptables-legacy"),
          Module.optional("ip6t_rpfilter", "IPv6"));

  /** What follows {@code ip link add NAME type}. */
  private static final List<List<String>> TUNNELS =
      List.of(
          List.of("ipip", "remote", "192.0.2.1"), List.of("vxlan", "id", "1", "dstport", "4789"));

  private final Root root;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      defaultValue = "/",
      description = "Where the machine's /proc, /sys and /lib are (default /).")
  Path directory;

  NodeCheckSystemCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    KernelModules modules = KernelModules.of(directory);
    StringBuilder text = new StringBuilder("Checking kernel version...\n");
    text.append("    ").append(modules.release()).append('\n');
    text.append("Checking kernel modules...\n");
    List<String> missing = new ArrayList<>();
    for (Module module : MODULES) {
      KernelModules.Presence presence = modules.anyOf(module.names());
      String name = String.join(" or ", module.names());
      text.append("    %-34s %s".formatted(name, presence));
      text.append(module.use().isEmpty() ? "\n" : " (optional: " + module.use() + ")\n");
      if (module.use().isEmpty() && presence != KernelModules.Presence.OK) {
        missing.add(name);
      }
    }
    if (directory.equals(Path.of("/"))) {
      tryTunnels(text);
    }
    if (missing.isEmpty()) {
      text.append("System meets minimum system requirements to run Manul!\n");
    }
    root.terminal().out().print(text);
    if (!missing.isEmpty()) {
      root.terminal()
          .err()
          .println("not known to be in this kernel: " + String.join(", ", missing));
      return ExitCode.FAILED;
    }
    return ExitCode.OK;
  }

  private static void tryTunnels(StringBuilder text) {
    text.append("Checking encapsulations...\n");
    for (List<String> type : TUNNELS) {
      DeviceTrial trial = DeviceTrial.of(type);
      text.append("    %-34s %s".formatted(type.getFirst(), trial.presence()));
      text.append(trial.reason().isEmpty() ? "\n" : " (" + trial.reason() + ")\n");
    }
  }
}
