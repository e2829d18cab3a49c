package dev.manul.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes everything under {@code deploy} that is made from the model: {@code ./dev manifests}. */
public final class Main {
  private Main() {}

  /**
   * Writes the files.
   *
   * @param args the project's directory
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("wanted one argument: the project's directory");
      System.exit(2);
    }
    Path root = Path.of(args[0]);
    int written = 0;
    for (Map.Entry<String, String> file : Manifests.of(root).entrySet()) {
      Path path = root.resolve("deploy").resolve(file.getKey());
      if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
        System.out.println("wrote deploy/" + file.getKey());
        written++;
      }
    }
    System.out.println(written == 0 ? "all manifests are up to date" : written + " files written");
  }
}
