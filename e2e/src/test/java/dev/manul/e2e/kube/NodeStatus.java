package dev.manul.e2e.kube;

import dev.manul.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** What {@code manulctl node status} says of an agent. */
final class NodeStatus {

  private NodeStatus() {}

  /** What it prints, and what it complains of, about the agent with this run directory. */
  static String of(Path run) {
    var out = new ByteArrayOutputStream();
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);
    int _ =
        Main.run(
            new String[] {"node", "status", "--output=wide"},
            new ByteArrayInputStream(new byte[0]),
            print,
            print,
            Map.of("MANUL_RUN_DIR", run.toString()));
    return out.toString(StandardCharsets.UTF_8);
  }
}
