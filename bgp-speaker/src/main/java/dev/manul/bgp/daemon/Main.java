package dev.manul.bgp.daemon;

import ch.qos.logback.classic.Level;
import dev.manul.bgp.SpeakerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program {@code manul-bgp}. */
@Command(
    name = "manul-bgp",
    mixinStandardHelpOptions = true,
    version = "manul-bgp 0.1.0",
    description = {
      "Speaks BGP as a file says.",
      "Prints \"ready\" on standard output when it listens; reads the file again on SIGHUP, without"
          + " resetting unchanged sessions; ends on SIGTERM and SIGINT with a Cease to every"
          + " neighbor."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:ended by a signal",
      "1:the configuration cannot be used, or an address cannot be listened on",
      "2:wrong usage"
    })
public final class Main {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration, in YAML.")
  private Path config;

  @Option(
      names = "--restarting",
      description = {
        "Say in the first OPENs that this is a restart which kept forwarding (RFC 4724),",
        "so that neighbors keep the routes a killed process has announced."
      })
  private boolean restarting;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info, debug or trace; default: ${DEFAULT-VALUE}.")
  private String logLevel;

  private Main() {}

  public static void main(String[] args) {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    try {
      CommandLine.ParseResult parsed = line.parseArgs(args);
      Integer answered = CommandLine.executeHelpRequest(parsed);
      if (answered != null) {
        System.exit(answered);
      }
    } catch (CommandLine.ParameterException e) {
      System.err.println("manul-bgp: " + e.getMessage() + "; see manul-bgp --help");
      System.exit(2);
    }
    System.exit(main.run());
  }

  private int run() {
    Level level = Level.toLevel(logLevel.toUpperCase(Locale.ROOT), null);
    if (level == null) {
      System.err.println(
          "manul-bgp: --log-level "
              + logLevel
              + " is not known; allowed: error, warn, info, debug, trace");
      return 2;
    }
    Signals signals = new Signals("HUP", "TERM", "INT");
    SpeakerOptions options =
        new SpeakerOptions(restarting, SpeakerOptions.fresh().convergenceLimit(), hostName());
    try {
      DaemonConfiguration configuration = DaemonConfiguration.read(config);
      DaemonLogging.start(level);
      HeapKeeper.start();
      try (Daemon daemon = Daemon.start(configuration, options)) {
        System.out.println("ready");
        System.out.flush();
        serve(daemon, signals);
      }
      return 0;
    } catch (ConfigurationException | IOException e) {
      System.err.println("manul-bgp: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /** What the kernel calls this host; "" when that cannot be read. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private void serve(Daemon daemon, Signals signals) throws InterruptedException {
    while (signals.take().equals("HUP")) {
      daemon.reload(config);
    }
  }
}
