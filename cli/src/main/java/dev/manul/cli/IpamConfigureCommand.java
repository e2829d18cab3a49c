package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteRules;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl ipam configure}: changes how addresses are managed. */
@Command(
    name = "configure",
    header = "Changes how addresses are managed in the whole cluster.",
    footer = {
      "",
      "Examples:",
      "  manulctl ipam configure --strictaffinity=true",
      "  manulctl ipam configure --strictaffinity=true --max-blocks-per-host=4"
    })
final class IpamConfigureCommand implements Runnable {
  private static final Key NAME = Key.of("default");

  private final Root root;

  @Option(
      names = "--strictaffinity",
      arity = "1",
      paramLabel = "true|false",
      description = "Whether nodes take addresses from their own blocks only.")
  Boolean strictAffinity;

  @Option(
      names = "--max-blocks-per-host",
      paramLabel = "NUMBER",
      description =
          "How many blocks a node may have, 1 to 1000000 with strict affinity; 0 for the built-in"
              + " limit.")
  Integer maxBlocksPerHost;

  @Option(
      names = "--kubevirt-ip-persistence",
      paramLabel = "Enabled|Disabled",
      description = "Whether a virtual machine keeps its addresses when its pod is replaced.")
  String kubeVirt;

  @Option(
      names = "--ip-cooldown-seconds",
      paramLabel = "NUMBER",
      description = "How long a released address rests before it is given again, 0 to 1200.")
  Integer cooldown;

  @Mixin DryRun dryRun = new DryRun();

  IpamConfigureCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    List<String> said = said();
    if (said.isEmpty()) {
      throw CommandFailure.usage(
          "name what to configure: --strictaffinity, --max-blocks-per-host,"
              + " --kubevirt-ip-persistence or --ip-cooldown-seconds");
    }
    try (Datastore datastore = dryRun.existing(root)) {
      Writes writes = new Writes(datastore);
      if (datastore.get(IPAMConfiguration.KIND, NAME).isPresent()) {
        IPAMConfiguration _ = writes.change(IPAMConfiguration.KIND, NAME, this::changed);
      } else {
        writes.create(changed(new IPAMConfiguration(Metadata.named(NAME.name()), null)));
      }
    }
    said.forEach(line -> root.terminal().out().println(line + dryRun.note()));
  }

  private List<String> said() {
    List<String> said = new ArrayList<>();
    say(said, "StrictAffinity", strictAffinity);
    say(said, "MaxBlocksPerHost", maxBlocksPerHost);
    say(said, "KubeVirtVMAddressPersistence", kubeVirt);
    say(said, "IPCooldownSeconds", cooldown);
    return said;
  }

  private static void say(List<String> said, String setting, Object value) {
    if (value != null) {
      said.add("Successfully set " + setting + " to: " + value);
    }
  }

  private IPAMConfiguration changed(IPAMConfiguration stored) {
    IPAMConfiguration.Spec old = stored.spec();
    IPAMConfiguration changed =
        new IPAMConfiguration(
            stored.metadata(),
            new IPAMConfiguration.Spec(
                strictAffinity == null ? old.strictAffinity() : strictAffinity,
                maxBlocksPerHost == null ? old.maxBlocksPerHost() : maxBlocksPerHost,
                old.autoAllocateBlocks(),
                kubeVirt == null ? old.kubeVirtVMAddressPersistence() : Optional.of(kubeVirt),
                cooldown == null ? old.ipCooldownSeconds() : cooldown));
    WriteRules.check(changed);
    return changed;
  }
}
