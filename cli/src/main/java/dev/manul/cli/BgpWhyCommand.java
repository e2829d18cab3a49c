package dev.manul.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl bgp why}: why a path is the best, and who is told of it and who is not. */
@Command(
    name = "why",
    header = "Says of each path to a prefix why it is the best or not, and of each peer why it is",
    description = "told of it or not.",
    footer = {
      "",
      "Exits with 1 when nothing is known of the prefix.",
      "",
      "Examples:",
      "  manulctl bgp why 10.244.1.0/26",
      "  manulctl bgp why 10.244.1.7 --socket /run/manul-bgp.sock"
    })
final class BgpWhyCommand implements Callable<Integer> {
  private final Root root;

  @Mixin final BgpQuestion question;

  @Parameters(
      paramLabel = "PREFIX",
      description = "A prefix, or an address for the longest prefix it is within.")
  String prefix;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text (default) or json.")
  String output;

  BgpWhyCommand(Root root) {
    this.root = root;
    this.question = new BgpQuestion(root);
  }

  @Override
  public Integer call() {
    if (!output.equals("text") && !output.equals("json")) {
      throw CommandFailure.usage("--output must be text or json, not " + output);
    }
    String answer =
        question.ask("/v1/bgp/why?prefix=" + URLEncoder.encode(prefix, StandardCharsets.UTF_8));
    Map<?, ?> why = BgpQuestion.tree(answer);
    List<Map<?, ?>> paths = BgpQuestion.objects(why, "paths");
    root.terminal()
        .out()
        .print(output.equals("json") ? answer.stripTrailing() + "\n" : text(why, paths));
    return paths.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }

  private static String text(Map<?, ?> why, List<Map<?, ?>> paths) {
    String name = BgpQuestion.text(why, "prefix");
    if (paths.isEmpty()) {
      return "Nothing is known of " + name + ".\n";
    }
    StringBuilder out = new StringBuilder(name).append("\n\nPaths\n");
    for (Map<?, ?> path : paths) {
      boolean used = BgpQuestion.truth(path, "used");
      out.append(BgpQuestion.truth(path, "best") ? "  > " : used ? "  = " : "    ");
      out.append(path.containsKey("peer") ? "from " + BgpQuestion.text(path, "peer") : "our own");
      out.append(path.containsKey("nextHop") ? " via " + BgpQuestion.text(path, "nextHop") : "");
      out.append(": ").append(reason(path)).append('\n');
      out.append("      ").append(facts(path)).append('\n');
    }
    out.append("\nTold to\n");
    for (Map<?, ?> export : BgpQuestion.objects(why, "exports")) {
      out.append(BgpQuestion.truth(export, "announced") ? "  + " : "  - ");
      out.append(BgpQuestion.text(export, "peer")).append(": ");
      out.append(reason(export));
      out.append(BgpQuestion.truth(export, "pending") ? "; still to be told" : "").append('\n');
    }
    return out.toString();
  }

  /** With what was compared, and by which rule of a filter. */
  private static String reason(Map<?, ?> verdict) {
    String reason = BgpQuestion.text(verdict, "reason");
    String value = BgpQuestion.text(verdict, "value");
    String filter = BgpQuestion.text(verdict, "filter");
    if (!value.isEmpty()) {
      reason += " (" + value + ", the best has " + BgpQuestion.text(verdict, "bestValue") + ")";
    }
    return filter.isEmpty() ? reason : reason + ", by " + filter;
  }

  private static String facts(Map<?, ?> path) {
    String asPath = BgpQuestion.text(path, "asPath");
    StringBuilder facts = new StringBuilder("AS path ");
    facts.append(asPath.isEmpty() ? "(empty)" : asPath);
    facts.append(", origin ").append(BgpQuestion.text(path, "origin"));
    if (path.containsKey("localPreference")) {
      facts.append(", local preference ").append(BgpQuestion.text(path, "localPreference"));
    }
    if (path.containsKey("multiExitDiscriminator")) {
      facts.append(", MED ").append(BgpQuestion.text(path, "multiExitDiscriminator"));
    }
    String communities = BgpRoutes.communities(path);
    if (!communities.equals("-")) {
      facts.append(", communities ").append(communities);
    }
    return facts.append(BgpQuestion.truth(path, "stale") ? ", stale" : "").toString();
  }
}
