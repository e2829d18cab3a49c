package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl top}: what goes on in BGP and routes, again and again. */
@Command(
    name = "top",
    header = "Shows sessions, routes and UPDATEs a second of the agents that can be asked.",
    description = {
      "Rates are counted between two looks, so that the first showing comes after one interval. An",
      "UPDATE carries many prefixes. With -o json there are the messages of all kinds as well."
    },
    footer = {
      "",
      "Examples:",
      "  manulctl top --interval 5",
      "  manulctl top --once --agent /run/node-b -o json | jq '.nodes[].sessionsUp'"
    })
final class TopCommand implements Callable<Integer> {
  private final Root root;

  @Mixin final Repeat repeat = new Repeat();
  @Mixin final Agents agents;
  @Mixin final Agents.Patience patienceOfAgents = new Agents.Patience();

  @Option(names = "--once", description = "Show it once; as --count 1.")
  boolean once;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json: one object a line for each look.")
  String output;

  TopCommand(Root root) {
    this.root = root;
    this.agents = new Agents(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    repeat.check();
    Agents.Found found = agents.find(patienceOfAgents.limit());
    found.silent().forEach(root.terminal().err()::println);
    if (found.byNode().isEmpty()) {
      return ExitCode.UNREACHABLE;
    }
    List<NodeSample> before = look(found);
    int shown = 0;
    while (repeat.pause()) {
      List<NodeSample> now = look(found);
      TopView view = new TopView(before, now, new Times(root.terminal().clock()));
      root.terminal()
          .out()
          .print(
              format == Format.JSON
                  ? Json.compact(view.tree()) + "\n"
                  : Repeat.between(shown == 0) + view.text());
      root.terminal().out().flush();
      before = now;
      shown++;
      if (once || !repeat.goesOn(shown)) {
        break;
      }
    }
    return ExitCode.OK;
  }

  /** An agent that has gone meanwhile is left out, and back when it is. */
  private List<NodeSample> look(Agents.Found found) {
    List<NodeSample> samples = new ArrayList<>();
    found
        .byNode()
        .forEach(
            (node, agent) -> {
              try {
                samples.add(NodeSample.of(agent));
              } catch (CommandFailure away) {
                root.terminal().err().println("node " + node + ": " + away.getMessage());
              }
            });
    return samples;
  }
}
