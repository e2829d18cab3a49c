package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.kind.KindReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real Kubernetes cluster, made by kind, with Manul as its only network. */
class KindIT {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final long LIMIT_MINUTES = 15;

  @Test
  void podsServicesNodesAndTheOutsideReachEachOtherAndAnUpdateLosesNothing()
      throws IOException, InterruptedException {
    Path json = LabProgram.target().resolve("kind.json");

    int status = dev("kind-test", "test", "--json", json.toString());

    assertThat(status).as(output("kind-test")).isZero();
    KindReport report = JsonFile.read(json, KindReport.class);
    assertThat(report.verdict()).isEqualTo("pass");
    assertThat(report.checks())
        .extracting(KindReport.Check::name)
        .contains(
            "nodes Ready",
            "one pod a node",
            "pod > pod, ping",
            "pod > service",
            "pod > service, by name",
            "outside > node port > pod",
            "pod > node, ping",
            "pod > outside, masqueraded",
            "manulctl outside > agent",
            "manulctl connectivity test",
            "manulctl trace",
            "manulctl cluster diags",
            "VXLAN Always, pod > pod, ping",
            "VXLAN Always, on the wire",
            "VXLAN CrossSubnet, pod > pod, ping",
            "VXLAN CrossSubnet, on the wire",
            "UDP CrossSubnet, on the wire",
            "no ping lost in switches of the pool's mode",
            "policy: deny all",
            "policy: allow from a namespace",
            "policy: a named port",
            "policy: egress to a range",
            "policy: egress to a service",
            "policy: Calico's kinds",
            "policies deleted",
            "closed pods stay ready",
            "no ping let through in an update");
    assertThat(report.checks())
        .allSatisfy(check -> assertThat(check.passed()).isEqualTo(check.tried()).isPositive());
    assertThat(report.pods())
        .hasSize(4)
        .extracting(KindReport.PodPlace::node)
        .doesNotHaveDuplicates();
    assertThat(report.rollout().sent()).isPositive();
    assertThat(report.rollout().lost()).isZero();
  }

  @AfterEach
  void endTheCluster() throws IOException, InterruptedException {
    dev("kind-down", "down");
  }

  private static int dev(String name, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("dev").toString(), "kind"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log(name).toFile())
            .redirectInput(new File("/dev/null"))
            .start();
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      throw new AssertionError(
          name + ": not done after " + LIMIT_MINUTES + " min\n" + output(name));
    }
    return process.exitValue();
  }

  private static String output(String name) throws IOException {
    return Files.readString(log(name));
  }

  private static Path log(String name) {
    return LabProgram.target().resolve(name + ".log");
  }
}
