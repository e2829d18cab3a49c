package dev.manul.cli;

import dev.manul.datastore.InvalidResourceException;
import dev.manul.ipam.IpamException;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What became of each resource that a command writes, and how the user is told. */
final class WriteReport {
  private final String verb;
  private final String participle;
  private final DryRun dryRun;
  private final List<Resource> done = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private final Set<String> kinds = new LinkedHashSet<>();

  /**
   * @param verb such as {@code apply}
   * @param participle such as {@code applied}
   */
  WriteReport(String verb, String participle, DryRun dryRun) {
    this.verb = verb;
    this.participle = participle;
    this.dryRun = dryRun;
  }

  /** Does one thing to one resource and keeps what came of it; other resources go on. */
  void attempt(Resource resource, Runnable write) {
    kinds.add(resource.kind().toString());
    try {
      write.run();
      done.add(resource);
    } catch (CommandFailure e) {
      failures.addAll(e.lines());
    } catch (InvalidResourceException | IpamException e) {
      failures.add(Main.oneLine(e.getMessage()));
    }
  }

  void done(Resource resource) {
    kinds.add(resource.kind().toString());
    done.add(resource);
  }

  void failed(String kind, String line) {
    kinds.add(kind);
    failures.add(line);
  }

  /** Left as it is, as the user wanted. */
  void skipped(Resource resource, String line) {
    kinds.add(resource.kind().toString());
    skipped.add(line);
  }

  /** Tells what was done; the exit code. */
  int tell(Terminal terminal, Format format) {
    if (format == Format.JSON) {
      terminal.out().print(Json.text(tree()));
    } else if (format == Format.NAME) {
      done.forEach(resource -> terminal.out().println(Listings.name(resource)));
    } else if (failures.isEmpty()) {
      terminal
          .out()
          .println(
              "Successfully "
                  + participle
                  + " "
                  + done.size()
                  + " "
                  + kind()
                  + "resource(s)"
                  + dryRun.note());
    }
    skipped.forEach(terminal.err()::println);
    if (failures.isEmpty()) {
      return ExitCode.OK;
    }
    String beginning =
        done.isEmpty()
            ? "Failed to " + verb + " any " + kind() + "resources: "
            : "Partial success: "
                + participle
                + " "
                + done.size()
                + " out of "
                + (done.size() + skipped.size() + failures.size())
                + " "
                + kind()
                + "resources: ";
    if (failures.size() == 1) {
      terminal.err().println(beginning + failures.getFirst());
    } else {
      terminal.err().println(beginning.stripTrailing());
      failures.forEach(failure -> terminal.err().println("  " + failure));
    }
    return ExitCode.FAILED;
  }

  private String kind() {
    return kinds.size() == 1 ? "'" + kinds.iterator().next() + "' " : "";
  }

  private Map<String, Object> tree() {
    return Json.object(
        "action",
        participle,
        "dryRun",
        dryRun.on,
        "resources",
        done.stream()
            .map(
                resource ->
                    Json.object(
                        "kind",
                        resource.kind(),
                        "namespace",
                        resource.metadata().namespace(),
                        "name",
                        resource.metadata().name()))
            .toList(),
        "skipped",
        skipped,
        "failures",
        failures);
  }
}
