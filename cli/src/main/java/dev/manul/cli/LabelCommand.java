package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl label}: sets or removes one label. */
@Command(
    name = "label",
    header = "Sets or removes a label of a resource.",
    footer = {
      "",
      "Examples:",
      "  manulctl label node worker rack=r1 --overwrite",
      "  manulctl label node worker rack --remove"
    })
final class LabelCommand implements Runnable {
  private final Root root;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      completionCandidates = KindNames.class,
      description = "The kind, such as node.")
  String kindName;

  @Parameters(index = "1", paramLabel = "NAME", description = "The resource's name.")
  String name;

  @Parameters(index = "2", paramLabel = "KEY[=VALUE]", description = "The label.")
  String label;

  @Option(names = "--overwrite", description = "Changes the value of a label that is there.")
  boolean overwrite;

  @Option(names = "--remove", description = "Removes the label; give its key alone.")
  boolean remove;

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), or the changed resource as name, yaml or json.")
  String output;

  @Mixin DryRun dryRun = new DryRun();

  LabelCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public void run() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.YAML, Format.JSON);
    Kind<? extends Resource> kind = Stores.kind(kindName);
    ClusterIdentity.mustBeWritable(kind);
    int equals = label.indexOf('=');
    if (remove == (equals >= 0) || label.isEmpty() || equals == 0) {
      throw CommandFailure.usage(
          remove
              ? "--remove takes the label's key alone, not " + label
              : "a label is given as KEY=VALUE, not " + label);
    }
    String key = remove ? label : label.substring(0, equals);
    String value = remove ? "" : label.substring(equals + 1);
    String[] done = new String[1];
    Resource changed;
    try (Datastore datastore = dryRun.existing(root)) {
      changed = change(new Writes(datastore), kind, namespaces.key(kind, name), key, value, done);
    }
    root.terminal()
        .out()
        .print(
            format == Format.PS
                ? "Successfully " + done[0] + " " + kind + " " + name + dryRun.note() + "\n"
                : Listings.one(changed, format));
  }

  private <R extends Resource> R change(
      Writes writes, Kind<R> kind, Key key, String labelKey, String value, String[] done) {
    return writes.change(
        kind,
        key,
        stored -> {
          Map<String, String> labels = new LinkedHashMap<>(stored.metadata().labels());
          done[0] = edit(labels, labelKey, value);
          return kind.type().cast(stored.withMetadata(stored.metadata().withLabels(labels)));
        });
  }

  /** Changes the labels; what was done, for the message. */
  private String edit(Map<String, String> labels, String key, String value) {
    boolean there = labels.containsKey(key);
    if (remove) {
      if (!there) {
        throw CommandFailure.failed(
            "cannot remove label of " + kindName + " " + name + ", key " + key + " does not exist");
      }
      labels.remove(key);
      return "removed label " + key + " from";
    }
    if (there && !overwrite && !value.equals(labels.get(key))) {
      throw CommandFailure.failed(
          "failed to update label of "
              + kindName
              + " "
              + name
              + ", key "
              + key
              + " is already present. please use '--overwrite' to set a new value");
    }
    labels.put(key, value);
    return (there ? "updated" : "set") + " label " + key + " on";
  }
}
