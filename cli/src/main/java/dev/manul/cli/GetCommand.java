package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl get}: shows resources. */
@Command(
    name = "get",
    header = "Shows resources: all of a kind, those named, or those that files name.",
    footer = {
      "",
      "Kinds: ippool, ipreservation, bgpconfiguration, bgppeer, node, workloadendpoint,",
      "ipamconfiguration, felixconfiguration, blockaffinity, ipamblock, ipamhandle,",
      "clusterinformation and those of policy; also in the plural and in the usual short forms",
      "(ipp, bgpconfig, bgpp, no, wep, …).",
      "",
      "custom-columns takes headings of the wide table, or HEADING:PATH for any field. Paths and",
      "jsonpath templates are kubectl's: {range .items[*]}{.metadata.name}{\"\\n\"}{end}",
      "and go-template those of Go: {{range .items}}{{.metadata.name}} {{end}}",
      "",
      "Examples:",
      "  manulctl get ippools -o wide",
      "  manulctl get wep -A -o custom-columns=WORKLOAD,NETWORKS"
    })
final class GetCommand implements Callable<Integer> {
  private final Root root;

  @Parameters(
      paramLabel = "KIND [NAME]",
      completionCandidates = KindNames.class,
      arity = "0..*",
      description = "The kind, then any number of names.")
  List<String> kindAndNames = new ArrayList<>();

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Resources of all namespaces.")
  boolean allNamespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description =
          "ps (default), wide, yaml, json, name, custom-columns=HEADING,…,"
              + " custom-columns=HEADING:PATH,…, jsonpath=TEMPLATE, jsonpath-file=FILE,"
              + " go-template=TEMPLATE or go-template-file=FILE.")
  String output;

  @Option(
      names = "--export",
      description = "Leaves out uid, resourceVersion and creationTimestamp of named resources.")
  boolean export;

  private final List<String> problems = new ArrayList<>();

  GetCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Optional<TreeOutput> trees = TreeOutput.of(output);
    List<String> custom = trees.isPresent() ? List.of() : custom();
    Format format =
        trees.isPresent()
            ? Format.JSON
            : custom.isEmpty()
                ? Format.parseOr(
                    TreeOutput.FORMS,
                    output,
                    Format.PS,
                    Format.WIDE,
                    Format.YAML,
                    Format.JSON,
                    Format.NAME)
                : Format.PS;
    if (namespaces.given() && allNamespaces) {
      throw CommandFailure.usage(
          "cannot use both --namespace and --all-namespaces flags at the same time");
    }
    if (input.given() == !kindAndNames.isEmpty()) {
      throw CommandFailure.usage(
          input.given()
              ? "name either a kind or files with -f, not both"
              : "name a kind, such as 'manulctl get ippools', or files with -f");
    }
    String text;
    try (Datastore datastore = Stores.existing(root)) {
      text = input.given() ? ofFiles(datastore, format, custom) : ofKind(datastore, format, custom);
    }
    root.terminal().out().print(trees.isPresent() ? trees.get().text(text) : text);
    problems.forEach(root.terminal().err()::println);
    return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<String> custom() {
    return output.startsWith(TreeOutput.COLUMNS)
        ? List.of(output.substring(TreeOutput.COLUMNS.length()).split(",", -1))
        : List.of();
  }

  private String ofKind(Datastore datastore, Format format, List<String> custom) {
    Kind<? extends Resource> kind = Stores.kind(kindAndNames.getFirst());
    List<String> names = kindAndNames.subList(1, kindAndNames.size());
    if (names.isEmpty()) {
      return all(datastore, kind, format, custom);
    }
    if (allNamespaces && kind.namespaced()) {
      throw CommandFailure.usage("a name goes with --namespace, not with --all-namespaces");
    }
    List<Key> keys = names.stream().map(name -> namespaces.key(kind, name)).toList();
    return named(datastore, kind, keys, format, custom);
  }

  private <R extends Resource> String all(
      Datastore datastore, Kind<R> kind, Format format, List<String> custom) {
    return render(datastore, kind, listed(datastore, kind), false, format, custom);
  }

  private <R extends Resource> String named(
      Datastore datastore, Kind<R> kind, List<Key> keys, Format format, List<String> custom) {
    List<R> found = new ArrayList<>();
    for (Key key : keys) {
      datastore
          .get(kind, key)
          .ifPresentOrElse(found::add, () -> problems.add(Writes.missing(kind, key).getMessage()));
    }
    if (found.isEmpty()) {
      return "";
    }
    List<R> shown = export ? found.stream().map(r -> exported(kind, r)).toList() : found;
    return render(datastore, kind, shown, keys.size() == 1, format, custom);
  }

  private static <R extends Resource> R exported(Kind<R> kind, R resource) {
    return kind.type().cast(resource.withMetadata(resource.metadata().created("", "", "")));
  }

  private <R extends Resource> List<R> listed(Datastore datastore, Kind<R> kind) {
    String namespace = namespaces.of(kind);
    Listing<R> listing =
        datastore.list(
            kind,
            namespace.isEmpty() || allNamespaces
                ? Selection.ALL
                : Selection.inNamespace(namespace));
    listing.problems().forEach(problem -> problems.add(Main.oneLine(problem)));
    return PolicyColumns.inOrder(kind, listing.items());
  }

  private String ofFiles(Datastore datastore, Format format, List<String> custom) {
    List<Resource> found = new ArrayList<>();
    for (Document document : input.documents(root.terminal())) {
      Resource wanted = namespaces.placed(document.resource());
      Optional<? extends Resource> stored = datastore.get(wanted.kind(), wanted.key());
      stored.ifPresent(found::add);
      if (stored.isEmpty()) {
        problems.add(Writes.missing(wanted.kind(), wanted.key()).getMessage());
      }
    }
    if (found.size() == 1 && format.structured()) {
      return Listings.one(found.getFirst(), format);
    }
    if (format.structured()) {
      return Listings.mixed(found, format);
    }
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Kind<?>, List<Resource>> entry : Listings.byKind(found).entrySet()) {
      text.append(ofOneKind(datastore, entry.getKey(), entry.getValue(), format, custom));
    }
    return text.toString();
  }

  private <R extends Resource> String ofOneKind(
      Datastore datastore,
      Kind<R> kind,
      List<Resource> resources,
      Format format,
      List<String> custom) {
    List<R> typed = resources.stream().map(kind.type()::cast).toList();
    return render(datastore, kind, typed, false, format, custom);
  }

  private <R extends Resource> String render(
      Datastore datastore,
      Kind<R> kind,
      List<R> resources,
      boolean bare,
      Format format,
      List<String> custom) {
    return switch (format) {
      case YAML, JSON ->
          bare
              ? Listings.one(resources.getFirst(), format)
              : Listings.several(kind, resources, format);
      case NAME -> {
        StringBuilder text = new StringBuilder();
        resources.forEach(resource -> text.append(Listings.name(resource)).append('\n'));
        yield text.toString();
      }
      case PS, WIDE -> table(datastore, kind, resources, format, custom);
    };
  }

  private <R extends Resource> String table(
      Datastore datastore, Kind<R> kind, List<R> resources, Format format, List<String> custom) {
    Columns<R> columns = Columns.of(kind, clusterAsNumber(datastore, kind));
    List<String> headings = new ArrayList<>();
    List<Columns.Column<R>> chosen = new ArrayList<>();
    if (kind.namespaced() && (allNamespaces || namespaces.given())) {
      chosen.add(new Columns.Column<>("NAMESPACE", r -> r.metadata().namespace()));
    }
    List<String> wanted =
        !custom.isEmpty() ? custom : format == Format.WIDE ? columns.wide() : columns.narrow();
    for (String heading : wanted) {
      chosen.add(columns.named(heading).orElseThrow(() -> unknown(heading, columns)));
    }
    chosen.forEach(column -> headings.add(column.heading()));
    Table table = new Table(headings);
    for (R resource : resources) {
      table.add(chosen.stream().map(column -> column.cell().apply(resource)).toList());
    }
    return table.text();
  }

  private static CommandFailure unknown(String heading, Columns<?> columns) {
    List<String> valid = columns.all().stream().map(column -> column.heading()).toList();
    return CommandFailure.usage(
        "unknown heading " + heading + ", valid values are: " + String.join(", ", valid));
  }

  /** Read only where a table shows it. */
  private static long clusterAsNumber(Datastore datastore, Kind<?> kind) {
    if (!kind.equals(Node.KIND)) {
      return BGPConfiguration.DEFAULT_AS_NUMBER;
    }
    return datastore
        .get(BGPConfiguration.KIND, Key.of(BGPConfiguration.DEFAULT_NAME))
        .map(configuration -> configuration.spec().asNumber())
        .orElse(BGPConfiguration.DEFAULT_AS_NUMBER);
  }
}
