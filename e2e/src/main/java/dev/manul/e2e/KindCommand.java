package dev.manul.e2e;

import dev.manul.e2e.kind.ClusterNetwork;
import dev.manul.e2e.kind.KindReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  int test(
      @Option(names = "--json", paramLabel = "FILE", description = "Write all findings to FILE.")
          Path json) {
    KindReport report = new ClusterNetwork(new Steps(System.out)).run();
    if (json != null) {
      report.write(json.toAbsolutePath());
    }
    System.out.printf("%n== Verdict: %s%n", report.verdict());
    report.failures().forEach(failure -> System.out.println("   " + failure));
    return report.failures().isEmpty() ? 0 : 1;
  }
}
