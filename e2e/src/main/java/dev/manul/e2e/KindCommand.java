package dev.manul.e2e;

import dev.manul.e2e.kind.ClusterNetwork;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kind test}. */
@Command(
    name = "kind",
    mixinStandardHelpOptions = true,
    description = "The real Kubernetes cluster that ./dev kind up made.")
final class KindCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  @Command(
      name = "test",
      description = "Show and judge who reaches whom, and an update of all agents under load.")
  int test(@Mixin ReportFile json) {
    return json.conclude(new ClusterNetwork(new Steps(System.out)).run());
  }
}
