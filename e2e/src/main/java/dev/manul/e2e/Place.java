package dev.manul.e2e;

import dev.manul.e2e.lab.Run;
import dev.manul.e2e.uml.Guest;
import dev.manul.e2e.uml.GuestKernel;
import dev.manul.e2e.uml.GuestOptions;
import dev.manul.e2e.uml.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where labs run: in this machine's kernel when that can make a {@code tunl0}, else in a user-mode
 * Linux guest. Inside the guest this program is told that it is there by {@code MANUL_IN_GUEST}.
 *
 * @param root the project's root
 * @param hostDirectory where the host keeps what belongs to the guest
 */
record Place(Path root, Path hostDirectory) {

  private static final String IN_GUEST = "MANUL_IN_GUEST";
  private static final Path LAB_DIRECTORY = Path.of("/run/manul-lab");
  private static final Duration BOOT_LIMIT = Duration.ofSeconds(60);

  /** Four agents, the demo and the RAM overlay fit in it with room to spare. */
  static final String MEMORY = "3G";

  /** As much, with etcd and an API server. */
  static final String MEMORY_WITH_API = "4G";

  static Place fromEnvironment(Map<String, String> environment) {
    String root = environment.get("MANUL_ROOT");
    if (root == null) {
      throw new LabException("MANUL_ROOT is not set: call this by ./dev or dist/bin/manul-lab");
    }
    String directory = environment.getOrDefault("MANUL_LAB_DIR", root + "/.cache/lab");
    return new Place(Path.of(root), Path.of(directory).toAbsolutePath());
  }

  /** Where the lab keeps its files, in whichever kernel it runs. */
  static Path labDirectory() {
    return LAB_DIRECTORY;
  }

  Path programs() {
    return root.resolve("dist/bin");
  }

  Guest guest() {
    return Guest.in(hostDirectory);
  }

  static boolean inGuest() {
    return System.getenv(IN_GUEST) != null;
  }

  /** Whether the kernel this program runs on can carry a lab. */
  static boolean kernelHasIpip() {
    return Run.of(
                List.of(
                    "unshare",
                    "--net",
                    "ip",
                    "link",
                    "add",
                    "manul-probe",
                    "type",
                    "ipip",
                    "remote",
                    "192.0.2.1"))
            .status()
        == 0;
  }

  /** Whether commands about labs go to a guest. */
  boolean needsGuest() {
    return !inGuest() && (System.getenv("MANUL_LAB_GUEST") != null || !kernelHasIpip());
  }

  /** Starts the guest; one that runs already is an error. */
  void startGuest() throws IOException, InterruptedException {
    startGuest(MEMORY);
  }

  void startGuest(String memory) throws IOException, InterruptedException {
    if (guest().isRunning()) {
      throw new LabException("a lab is up already: end it with ./dev lab down");
    }
    guest()
        .start(
            new GuestOptions(
                GuestKernel.find(root, System.getenv()),
                memory,
                root.resolve("e2e/uml/guest-init"),
                programs().resolve("manul-lab")),
            BOOT_LIMIT);
  }

  /** Runs this program once more, in the guest. */
  int selfInGuest(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(programs().resolve("manul-lab").toString()));
    command.addAll(arguments);
    return runInGuest(command, Optional.empty());
  }

  int runInGuest(List<String> command, Optional<InputStream> input) throws IOException {
    if (!guest().isRunning()) {
      throw new LabException("no lab is up: ./dev lab up");
    }
    Map<String, String> environment = new TreeMap<>();
    environment.put(IN_GUEST, "1");
    environment.put("MANUL_ROOT", root.toString());
    for (String name : List.of("PATH", "HOME", "TERM", "JAVA_HOME", "LANG", "MANUL_KUBE_DIR")) {
      Optional.ofNullable(System.getenv(name)).ifPresent(value -> environment.put(name, value));
    }
    return guest().run(new Request(command, environment, "/"), input, System.out, System.err);
  }
}
