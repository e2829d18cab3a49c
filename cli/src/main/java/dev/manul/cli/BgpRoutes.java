package dev.manul.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that list routes have in common. */
final class BgpRoutes {
  private static final int PAGE = 2000;

  private final Root root;

  @Mixin final BgpQuestion question;

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "Only this prefix, or the longest that an address is within.")
  String prefix;

  @Option(names = "--longer", description = "With --prefix: all within it.")
  boolean longer;

  @Option(names = "--family", paramLabel = "FAMILY", description = "ipv4 or ipv6 only.")
  String family;

  @Option(names = "--best", description = "The best paths only.")
  boolean best;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), wide or json.")
  String output;

  BgpRoutes(Root root) {
    this.root = root;
    this.question = new BgpQuestion(root);
  }

  /**
   * Asks page by page, so that neither end has to hold a large table, and prints each.
   *
   * @param path of the table
   */
  void print(String path) {
    Format format = Format.parse(output, Format.PS, Format.WIDE, Format.JSON);
    if (longer && prefix == null) {
      throw CommandFailure.usage("--longer needs --prefix");
    }
    if (format == Format.JSON) {
      json(path);
    } else {
      table(path, format == Format.WIDE);
    }
  }

  private String query(String after) {
    StringBuilder query = new StringBuilder("?limit=" + PAGE);
    if (prefix != null) {
      String match = longer ? "longer" : prefix.indexOf('/') < 0 ? "covering" : "exact";
      query.append("&match=").append(match).append("&prefix=").append(encoded(prefix));
    }
    if (family != null) {
      query.append("&family=").append(encoded(family));
    }
    return query
        .append(best ? "&best=true" : "")
        .append(after.isEmpty() ? "" : "&after=" + after)
        .toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** An address is routed by the longest prefix it is within. */
  private List<Map<?, ?>> routes(Map<?, ?> answer) {
    List<Map<?, ?>> routes = BgpQuestion.objects(answer, "routes");
    if (prefix == null || prefix.indexOf('/') >= 0 || longer || routes.isEmpty()) {
      return routes;
    }
    String longest = BgpQuestion.text(routes.getFirst(), "prefix");
    return routes.stream()
        .filter(route -> BgpQuestion.text(route, "prefix").equals(longest))
        .toList();
  }

  private void json(String path) {
    List<Map<?, ?>> all = new ArrayList<>();
    String after = "";
    do {
      Map<?, ?> answer = BgpQuestion.tree(question.ask(path + query(after)));
      all.addAll(routes(answer));
      after = BgpQuestion.text(answer, "next");
    } while (!after.isEmpty());
    root.terminal().out().print(Json.text(Json.object("routes", all)));
  }

  private void table(String path, boolean wide) {
    String after = "";
    boolean any = false;
    do {
      Map<?, ?> answer = BgpQuestion.tree(question.ask(path + query(after)));
      Table table = new Table(headings(wide));
      List<Map<?, ?>> routes = routes(answer);
      routes.forEach(route -> table.add(cells(route, wide)));
      if (!routes.isEmpty()) {
        String text = table.text();
        // One page's widths need not be the next one's, but its headings are said once.
        String shown = any ? text.substring(text.indexOf('\n') + 1) : text;
        root.terminal().out().print(shown.stripTrailing() + "\n");
        any = true;
      }
      after = BgpQuestion.text(answer, "next");
    } while (!after.isEmpty());
    if (!any) {
      root.terminal().out().println("No routes.");
    }
  }

  private static List<String> headings(boolean wide) {
    List<String> headings = new ArrayList<>();
    headings.add("   NETWORK");
    headings.addAll(List.of("NEXT HOP", "FROM", "MED", "LOCPREF", "AS PATH"));
    if (wide) {
      headings.addAll(List.of("COMMUNITIES", "ATTRIBUTES", "REASON"));
    }
    return headings;
  }

  private static List<String> cells(Map<?, ?> route, boolean wide) {
    String path = BgpQuestion.text(route, "asPath");
    String origin =
        switch (BgpQuestion.text(route, "origin")) {
          case "IGP" -> "i";
          case "EGP" -> "e";
          default -> "?";
        };
    List<String> cells = new ArrayList<>();
    cells.add(flags(route) + " " + BgpQuestion.text(route, "prefix"));
    cells.add(orDash(BgpQuestion.text(route, "nextHop")));
    cells.add(route.containsKey("peer") ? BgpQuestion.text(route, "peer") : "local");
    cells.add(orDash(BgpQuestion.text(route, "multiExitDiscriminator")));
    cells.add(orDash(BgpQuestion.text(route, "localPreference")));
    cells.add(path.isEmpty() ? origin : path + " " + origin);
    if (wide) {
      cells.add(communities(route));
      cells.add(attributes(route));
      cells.add(BgpQuestion.text(route, "reason"));
    }
    return cells;
  }

  /** As routers show it: valid, best, stale. */
  private static String flags(Map<?, ?> route) {
    return (BgpQuestion.truth(route, "stale") ? "S" : "*")
        + (BgpQuestion.truth(route, "best") ? ">" : " ");
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  /** All kinds of communities, the well-known ones by their names. */
  static String communities(Map<?, ?> route) {
    List<String> all = new ArrayList<>();
    BgpQuestion.texts(route, "communities").forEach(c -> all.add(wellKnown(c)));
    all.addAll(BgpQuestion.texts(route, "largeCommunities"));
    all.addAll(BgpQuestion.texts(route, "extendedCommunities"));
    return orDash(String.join(" ", all));
  }

  private static String wellKnown(String community) {
    return switch (community) {
      case "65535:0" -> "graceful-shutdown";
      case "65535:6" -> "llgr-stale";
      case "65535:7" -> "no-llgr";
      case "65535:666" -> "blackhole";
      case "65535:65281" -> "no-export";
      case "65535:65282" -> "no-advertise";
      case "65535:65283" -> "no-export-subconfed";
      default -> community;
    };
  }

  private static String attributes(Map<?, ?> route) {
    String text =
        List.of("originatorId", "clusterList", "aggregator", "aigp", "onlyToCustomer").stream()
            .filter(route::containsKey)
            .map(name -> name + "=" + value(route.get(name)))
            .collect(Collectors.joining(" "));
    return orDash(text);
  }

  private static String value(Object value) {
    return value instanceof List<?> items
        ? items.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }
}
