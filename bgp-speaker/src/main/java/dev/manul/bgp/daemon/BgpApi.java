package dev.manul.bgp.daemon;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RibEntry;
import dev.manul.bgp.RibPage;
import dev.manul.bgp.RibTable;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerStatus;
import dev.manul.bgp.daemon.JsonServer.Answer;
import dev.manul.bgp.mrt.TableDump;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is under {@code /v1/bgp} on a control socket, of the agent and of {@code manul-bgp} alike:
 * the protocol of docs/bgp-control.md. Fields are only ever added.
 */
public final class BgpApi {
  /** Where all of it is. */
  public static final String ROOT = "/v1/bgp";

  private static final String NEIGHBORS = ROOT + "/neighbors";
  private static final String MRT = "application/octet-stream";
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MOST = 10_000;

  /** How many prefixes the core thread looks at in one go: well below a millisecond of work. */
  private static final int STRIDE = 2048;

  private final Speaker speaker;

  public BgpApi(Speaker speaker) {
    this.speaker = speaker;
  }

  /**
   * Answers; waits for the core thread.
   *
   * @return empty when nothing is at that path
   * @throws IllegalArgumentException about a parameter
   */
  public Optional<Answer> answer(String path, Map<String, List<String>> query) {
    return switch (path) {
      case ROOT -> Answer.ok(speaker(speaker.status()));
      case NEIGHBORS -> Answer.ok(neighbors(speaker.status()));
      case ROOT + "/mrt" -> Answer.ok(new JsonServer.Stream(MRT, this::dump));
      case ROOT + "/why" -> Answer.ok(why(query));
      case ROOT + "/routes" -> Answer.ok(routes(new RibTable.Local(), new Query(query)));
      default -> path.startsWith(NEIGHBORS + "/") ? neighbor(path, query) : Optional.empty();
    };
  }

  private void dump(OutputStream out) throws IOException {
    TableDump.write(speaker, Instant.now(), out);
  }

  private Map<String, Object> why(Map<String, List<String>> query) {
    Prefix asked =
        value(query, "prefix")
            .map(Prefix::parse)
            .orElseThrow(() -> new IllegalArgumentException("prefix: is missing"));
    return speaker
        .why(asked)
        .map(WhyJson::of)
        .orElseGet(() -> Map.of("prefix", asked.toString(), "paths", List.of()));
  }

  private Optional<Answer> neighbor(String path, Map<String, List<String>> query) {
    String rest = path.substring(NEIGHBORS.length() + 1);
    int slash = rest.indexOf('/');
    Address address = Address.parse(slash < 0 ? rest : rest.substring(0, slash));
    Optional<NeighborStatus> status = speaker.status().neighbor(address);
    if (status.isEmpty()) {
      return Optional.of(new Answer(404, Map.of("error", "there is no neighbor " + address)));
    }
    return switch (slash < 0 ? "" : rest.substring(slash)) {
      case "" -> Answer.ok(NeighborJson.whole(status.get(), speaker.bfd(address)));
      case "/rib-in" -> Answer.ok(routes(new RibTable.In(address), new Query(query)));
      case "/rib-out" -> Answer.ok(routes(new RibTable.Out(address), new Query(query)));
      default -> Optional.empty();
    };
  }

  private static Map<String, Object> speaker(SpeakerStatus status) {
    return new JsonObject()
        .put("asNumber", status.asNumber())
        .put("routerId", status.routerId().text())
        .put("converged", status.converged())
        .put("listening", status.listening().stream().map(BgpApi::text).sorted().toList())
        .put("problems", status.problems())
        .put("prefixes", status.prefixes())
        .put("paths", status.paths())
        .put("neighbors", status.neighbors().size())
        .put("established", status.neighbors().stream().filter(NeighborStatus::established).count())
        .list(
            "strangers",
            status.strangers().stream()
                .map(
                    s ->
                        new JsonObject()
                            .put("address", s.address().text())
                            .put("refused", s.refused())
                            .put("last", s.last().toString())
                            .fields())
                .toList())
        .fields();
  }

  /** An address with its port, as in {@code [2001:db8::1]:179}. */
  static String text(InetSocketAddress address) {
    Address host = Address.ofBytes(address.getAddress().getAddress());
    String name = host.family() == AddressFamily.IPV4 ? host.text() : "[" + host + "]";
    return name + ":" + address.getPort();
  }

  private Map<String, Object> neighbors(SpeakerStatus status) {
    return Map.of(
        "neighbors",
        status.neighbors().stream()
            .map(n -> NeighborJson.summary(n, speaker.bfd(n.address())))
            .toList());
  }

  private Map<String, Object> routes(RibTable table, Query query) {
    return query.prefix.isPresent() && !query.match.equals("longer")
        ? found(table, query)
        : listed(table, query);
  }

  /** One prefix, or those it is within, the longest first. */
  private Map<String, Object> found(RibTable table, Query query) {
    Prefix prefix = query.prefix.get();
    List<RibEntry> entries = new ArrayList<>();
    int shortest = query.match.equals("covering") ? 0 : prefix.length();
    for (int length = prefix.length(); length >= shortest; length--) {
      entries.addAll(speaker.lookUp(table, Prefix.of(prefix.address(), length)));
    }
    return page(entries.stream().filter(query).toList(), RibPage.END);
  }

  private Map<String, Object> listed(RibTable table, Query query) {
    List<RibEntry> entries = new ArrayList<>();
    int next = query.after;
    do {
      RibPage page = speaker.page(table, next, STRIDE);
      page.entries().stream().filter(query).forEach(entries::add);
      next = page.next();
    } while (next != RibPage.END && entries.size() < query.limit);
    return page(entries, next);
  }

  private static Map<String, Object> page(List<RibEntry> entries, int next) {
    JsonObject json = new JsonObject();
    json.put("routes", entries.stream().map(RouteJson::of).toList());
    if (next != RibPage.END) {
      json.put("next", next);
    }
    return json.fields();
  }

  /** What is asked of a table. */
  private static final class Query implements Predicate<RibEntry> {
    private final Optional<Prefix> prefix;
    private final String match;
    private final Optional<AddressFamily> family;
    private final boolean bestOnly;
    private final int limit;
    private final int after;

    Query(Map<String, List<String>> query) {
      for (String name : query.keySet()) {
        if (!Set.of("prefix", "match", "family", "best", "limit", "after").contains(name)) {
          throw new IllegalArgumentException(
              name + " is not known; allowed: prefix, match, family, best, limit, after");
        }
      }
      prefix = value(query, "prefix").map(Prefix::parse);
      match = value(query, "match").orElse("exact");
      if (!Set.of("exact", "longer", "covering").contains(match)) {
        throw new IllegalArgumentException(
            "match: \"" + match + "\" is not exact, longer or covering");
      }
      family =
          value(query, "family")
              .map(
                  text ->
                      switch (text) {
                        case "ipv4" -> AddressFamily.IPV4;
                        case "ipv6" -> AddressFamily.IPV6;
                        default ->
                            throw new IllegalArgumentException(
                                "family: \"" + text + "\" is not ipv4 or ipv6");
                      });
      bestOnly = value(query, "best").filter("true"::equals).isPresent();
      limit = number(query, "limit", DEFAULT_LIMIT, 1, MOST);
      after = number(query, "after", 0, 0, Integer.MAX_VALUE);
    }

    @Override
    public boolean test(RibEntry entry) {
      boolean inside =
          !match.equals("longer") || prefix.isEmpty() || prefix.get().contains(entry.prefix());
      return inside
          && (!bestOnly || entry.best())
          && (family.isEmpty() || entry.prefix().family() == family.get());
    }
  }

  static Optional<String> value(Map<String, List<String>> query, String name) {
    return query.getOrDefault(name, List.of()).stream().findFirst();
  }

  private static int number(
      Map<String, List<String>> query, String name, int absent, int low, int high) {
    Optional<String> text = value(query, name);
    if (text.isEmpty()) {
      return absent;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= low && number <= high) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, as a number out of range
    }
    throw new IllegalArgumentException(
        name + ": \"" + text.get() + "\" is not a number within " + low + " to " + high);
  }
}
