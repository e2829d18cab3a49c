package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteRules;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Spelling;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl pool mode}: how packets to a pool's addresses travel. */
@Command(
    name = "mode",
    header = "Changes how packets to a pool's addresses travel between nodes.",
    footer = {
      "",
      "One of IP-in-IP, VXLAN and UDP may be in use: turning one on turns the others off, in one",
      "write. UDP is for kernels that have neither of the others.",
      "With --watch, this node's agent and those of --agent are followed until the kernel of each has",
      "the routes of the new mode; of the other nodes it is said what they publish.",
      "",
      "Exit codes: 0 done, and with --watch on every node; 1 failed, 2 wrong usage, 3 not reachable,",
      "5 done where it could be asked, 7 not on every node within --timeout.",
      "",
      "Examples:",
      "  manulctl pool mode default-ipv4-ippool --ipip CrossSubnet --watch --timeout 60",
      "  manulctl pool mode default-ipv4-ippool --vxlan Always --dry-run"
    })
final class PoolModeCommand implements Callable<Integer> {
  private static final List<String> MODES =
      Arrays.stream(EncapsulationMode.values()).map(EncapsulationMode::toString).toList();

  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Root root;

  @Parameters(paramLabel = "POOL", description = "The pool's name.")
  String pool;

  @Option(
      names = "--ipip",
      paramLabel = "MODE",
      description = "When in IP-in-IP: Always, CrossSubnet or Never.")
  String ipip;

  @Option(
      names = "--vxlan",
      paramLabel = "MODE",
      description = "When in VXLAN: Always, CrossSubnet or Never.")
  String vxlan;

  @Option(
      names = "--udp",
      paramLabel = "MODE",
      description = "When in UDP, through the agent: Always, CrossSubnet or Never.")
  String udp;

  @Option(names = "--watch", description = "Follow until every node has made its routes anew.")
  boolean watch;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "With --watch: how long to follow (default 60).")
  int timeout;

  @Mixin final PsOrJson output = new PsOrJson();

  @Mixin DryRun dryRun = new DryRun();
  @Mixin final Agents agents;

  PoolModeCommand(Root root) {
    this.root = root;
    this.agents = new Agents(root);
  }

  @Override
  public Integer call() {
    Format format = output.format();
    if (timeout < 0) {
      throw CommandFailure.usage("--timeout must be 0 or more seconds, not " + timeout);
    }
    if (watch && dryRun.on) {
      throw CommandFailure.usage("--watch and --dry-run exclude each other: nothing would change");
    }
    if (Stream.of(ipip, vxlan, udp).filter(Objects::nonNull).count() != 1) {
      throw CommandFailure.usage("give --ipip MODE, --vxlan MODE or --udp MODE, one of them");
    }
    EncapsulationMode mode =
        ipip != null
            ? mode("--ipip", ipip)
            : vxlan != null ? mode("--vxlan", vxlan) : mode("--udp", udp);
    IPPool[] before = new IPPool[1];
    IPPool changed;
    try (Datastore datastore = dryRun.existing(root)) {
      changed =
          new Writes(datastore)
              .change(
                  IPPool.KIND,
                  Key.of(pool),
                  stored -> {
                    before[0] = stored;
                    return changed(stored, mode);
                  });
    }
    IPPool.Spec was = before[0].spec();
    IPPool.Spec is = changed.spec();
    if (format == Format.PS) {
      root.terminal()
          .out()
          .println(
              "Successfully set IPPool "
                  + pool
                  + " to ipipMode "
                  + said(was.ipipMode(), is.ipipMode())
                  + ", vxlanMode "
                  + said(was.vxlanMode(), is.vxlanMode())
                  + (was.udp() == is.udp() && is.udpMode().isEmpty()
                      ? ""
                      : ", udpMode " + said(was.udp(), is.udp()))
                  + dryRun.note());
      root.terminal().out().flush();
    }
    Optional<PoolWatch.Outcome> followed = watch ? Optional.of(follow(changed)) : Optional.empty();
    if (format == Format.JSON) {
      root.terminal().out().print(Json.text(tree(is, followed)));
    } else {
      followed.ifPresent(this::tell);
    }
    return followed.map(PoolWatch.Outcome::exitCode).orElse(ExitCode.OK);
  }

  private PoolWatch.Outcome follow(IPPool changed) {
    try (Datastore datastore = Stores.existing(root)) {
      return new PoolWatch(datastore, agents.find(ANSWER), root.terminal().err())
          .follow(changed, Duration.ofSeconds(timeout));
    }
  }

  private void tell(PoolWatch.Outcome followed) {
    Table table = new Table(List.of("NODE", "STATE"));
    followed.states().forEach((node, state) -> table.add(List.of(node, state)));
    root.terminal().out().print(table.text().stripTrailing() + "\n");
  }

  private Map<String, Object> tree(IPPool.Spec is, Optional<PoolWatch.Outcome> followed) {
    return Json.object(
        "pool",
        pool,
        "ipipMode",
        is.ipipMode(),
        "vxlanMode",
        is.vxlanMode(),
        "udpMode",
        is.udp(),
        "seconds",
        followed.map(outcome -> Math.round(outcome.seconds() * 10) / 10.0).orElse(null),
        "nodes",
        followed.map(PoolWatch.Outcome::states).orElse(null));
  }

  private static String said(EncapsulationMode was, EncapsulationMode is) {
    return was == is ? is.toString() : is + " (was " + was + ")";
  }

  private IPPool changed(IPPool stored, EncapsulationMode mode) {
    IPPool.Spec old = stored.spec();
    boolean off = mode == EncapsulationMode.NEVER;
    IPPool changed =
        stored.withSpec(
            old.withModes(
                changed(ipip, mode, off, old.ipipMode()),
                changed(vxlan, mode, off, old.vxlanMode()),
                changed(udp, mode, off, old.udp())));
    WriteRules.check(changed);
    return changed;
  }

  /** What one of the modes is to be, of which one alone is asked for. */
  private static EncapsulationMode changed(
      String asked, EncapsulationMode mode, boolean off, EncapsulationMode old) {
    return asked != null ? mode : off ? old : EncapsulationMode.NEVER;
  }

  private static EncapsulationMode mode(String option, String text) {
    for (EncapsulationMode mode : EncapsulationMode.values()) {
      if (mode.toString().equalsIgnoreCase(text)) {
        return mode;
      }
    }
    throw CommandFailure.usage(
        option
            + " "
            + text
            + " is not known; "
            + Spelling.nearest(text, MODES)
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> "it must be one of " + String.join(", ", MODES)));
  }
}
