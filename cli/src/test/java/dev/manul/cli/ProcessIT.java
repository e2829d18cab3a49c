package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as users run it: a process of its own. */
class ProcessIT {
  @TempDir Path directory;

  private Ran run(String input, String... args) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(args));
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("MANUL_DATASTORE_PATH", directory.resolve("store").toString());
    builder.environment().put("MANUL_RUN_DIR", directory.resolve("run").toString());
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    int code = process.waitFor();
    return new Ran(code, Files.readString(out), Files.readString(err));
  }

  @Test
  void appliesPatchesAndGets() throws Exception {
    assertThat(run(Samples.POOL, "apply", "-f", "-"))
        .isEqualTo(new Ran(0, "Successfully applied 1 'IPPool' resource(s)\n", ""));
    assertThat(
            run(
                "",
                "patch",
                "ippool",
                "default-ipv4-ippool",
                "-p",
                "{spec: {ipipMode: CrossSubnet}}"))
        .isEqualTo(new Ran(0, "Successfully patched 1 'IPPool' resource\n", ""));
    Ran wide = run("", "get", "ippools", "-o", "wide");
    assertThat(wide.err()).isEmpty();
    assertThat(wide.out()).contains("CrossSubnet");
  }

  @Test
  void exitCodesReachTheShell() throws Exception {
    assertThat(run("a: [", "validate", "-f", "-").code()).isEqualTo(1);
    assertThat(run("", "get").code()).isEqualTo(2);
    assertThat(run("", "node", "status").code()).isEqualTo(3);
  }
}
