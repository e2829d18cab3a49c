package dev.manul.e2e;

import dev.manul.e2e.train.StandInApi;
import dev.manul.e2e.uml.GuestKeeper;
import dev.manul.e2e.uml.GuestOptions;
import dev.manul.e2e.uml.GuestServer;
import dev.manul.model.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The program behind {@code ./dev lab}, {@code ./dev demo} and {@code ./dev bench}. */
@Command(
    name = "manul-lab",
    mixinStandardHelpOptions = true,
    description = "Labs, the demo and benchmarks of Manul.",
    subcommands = {LabCommand.class, DemoCommand.class, BenchCommand.class, KindCommand.class})
public final class Main {

  private Main() {}

  public static void main(String[] arguments) {
    var line = new CommandLine(new Main());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof LabException) {
            System.err.println("manul-lab: " + e.getMessage());
          } else {
            e.printStackTrace();
          }
          return 1;
        });
    System.exit(line.execute(arguments));
  }

  @Command(name = "guest-server", hidden = true, description = "Inside a guest: run what is asked.")
  int guestServer(@Parameters(paramLabel = "LINE", description = "The serial line.") Path line)
      throws IOException {
    GuestServer.serve(line);
    return 0;
  }

  @Command(name = "guest-keeper", hidden = true, description = "On the host: own a guest.")
  int guestKeeper(
      @Parameters(paramLabel = "DIR", description = "For its socket and logs.") Path directory,
      @Parameters(paramLabel = "KERNEL", description = "The kernel.") Path kernel,
      @Parameters(paramLabel = "MEMORY", description = "Its memory.") String memory,
      @Parameters(paramLabel = "INIT", description = "Its first process.") Path init,
      @Parameters(paramLabel = "SERVER", description = "What that becomes.") Path server)
      throws IOException {
    GuestKeeper.keep(directory, new GuestOptions(kernel, memory, init, server));
    return 0;
  }

  @Command(
      name = "stand-in-api",
      hidden = true,
      description = "What stands in for an API server while class caches are trained.")
  int standInApi(
      @Parameters(paramLabel = "DIR", description = "For its key and a kubeconfig.") Path directory,
      @Parameters(paramLabel = "ADDRESS", description = "Where it listens.") String address,
      @Parameters(paramLabel = "NODE", arity = "0..*", description = "The cluster's nodes.")
          List<String> nodes)
      throws IOException, GeneralSecurityException, InterruptedException {
    try (StandInApi api = StandInApi.start(directory, Address.parse(address), nodes)) {
      System.out.println("kubeconfig: " + api.kubeconfig());
      new CountDownLatch(1).await();
    }
    return 0;
  }
}
