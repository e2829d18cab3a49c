package dev.manul.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --json FILE} of the commands that find something out. */
final class ReportFile {

  @Option(names = "--json", paramLabel = "FILE", description = "Write all findings to FILE.")
  private Path file;

  /** Writes what was found, where that was asked for. */
  void write(Object findings) {
    if (file != null) {
      JsonFile.write(file.toAbsolutePath(), findings);
    }
  }

  /** Writes a report and says its verdict; gives the command's exit status. */
  int conclude(JudgedReport report) {
    write(report);
    System.out.printf("%n== Verdict: %s%n", report.verdict());
    report.failures().forEach(failure -> System.out.println("   " + failure));
    return report.failures().isEmpty() ? 0 : 1;
  }

  /** Runs a command of this program's in the guest, and brings out what it finds. */
  int fromGuest(Place place, List<String> command) throws IOException {
    if (file == null) {
      return place.selfInGuest(command);
    }
    Path shared = place.guest().share().resolve("report.json");
    Files.deleteIfExists(shared);
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("--json", shared.toString()));
    int status = place.selfInGuest(words);
    if (Files.exists(shared)) {
      Files.move(shared, file.toAbsolutePath(), StandardCopyOption.REPLACE_EXISTING);
    }
    return status;
  }
}
