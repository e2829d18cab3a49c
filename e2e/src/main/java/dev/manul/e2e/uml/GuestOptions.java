package dev.manul.e2e.uml;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a guest is started.
 *
 * @param kernel the user-mode Linux kernel, an executable
 * @param memory its memory as the kernel's {@code mem=} takes it
 * @param init the guest's first process
 * @param server the program that process becomes; see {@link GuestServer}
 */
public record GuestOptions(Path kernel, String memory, Path init, Path server) {

  /** Where Debian's package of a modular kernel keeps its modules. */
  private static final String MODULES = "/usr/lib/uml/modules";

  /**
   * The process to be: a shell that moves the pipes to the descriptors of the serial line and then
   * becomes the kernel, in a PID namespace of its own, so that nothing of the guest outlives it.
   */
  ProcessBuilder command(Path directory) throws IOException {
    Path share = Files.createDirectories(directory.resolve("share"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL", "bash", "-c"));
    command.add("exec 3<&0 4>&1 0</dev/null 1>&2; exec \"$@\"");
    command.addAll(List.of("manul-guest", kernel.toString()));
    command.addAll(
        List.of(
            "mem=" + memory,
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            "init=" + init,
            "umid=guest",
            "uml_dir=" + directory + "/",
            "con=null",
            "con0=null,fd:2",
            "ssl=null",
            "ssl0=fd:3,fd:4",
            "seccomp=auto",
            "loglevel=4",
            "random.trust_cpu=on",
            "MANUL_SERVER=" + server,
            "MANUL_SHARE=" + share,
            "MANUL_MODULES=" + MODULES));
    var builder = new ProcessBuilder(command);
    builder.redirectError(log(directory));
    // The guest's memory is a file there; a disk would slow it.
    Path shm = Path.of("/dev/shm");
    builder.environment().put("TMPDIR", Files.isWritable(shm) ? shm.toString() : "/tmp");
    return builder;
  }

  static File log(Path directory) {
    return directory.resolve("guest.log").toFile();
  }
}
