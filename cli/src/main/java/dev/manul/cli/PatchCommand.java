package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl patch}: changes some fields of a resource. */
@Command(
    name = "patch",
    header = "Changes some fields of a resource and leaves the others as they are.",
    footer = {
      "",
      "A patch is YAML or JSON. Type merge (RFC 7386): fields as they are to be, null removes one,",
      "lists are replaced whole. Type strategic, the default, is the same here, because no list in",
      "these kinds has keys to merge by. Type json (RFC 6902): a list of operations.",
      "",
      "Examples:",
      "  manulctl patch ippool default-ipv4-ippool -p '{\"spec\":{\"ipipMode\":\"CrossSubnet\"}}'",
      "  manulctl patch bgpconfig default -t json \\",
      "    -p '[{\"op\":\"replace\",\"path\":\"/spec/asNumber\",\"value\":64513}]'"
    })
final class PatchCommand implements Callable<Integer> {
  private final Root root;

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      completionCandidates = KindNames.class,
      description = "The kind, such as ippool.")
  String kindName;

  @Parameters(index = "1", paramLabel = "NAME", description = "The resource's name.")
  String name;

  @Option(
      names = {"-p", "--patch"},
      paramLabel = "PATCH",
      required = true,
      description = "The patch itself.")
  String patch;

  @Option(
      names = {"-t", "--type"},
      paramLabel = "TYPE",
      defaultValue = "strategic",
      description = "strategic (default), json or merge.")
  PatchType type;

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), or the patched resource as name, yaml or json.")
  String output;

  @Mixin DryRun dryRun = new DryRun();

  PatchCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.YAML, Format.JSON);
    Kind<? extends Resource> kind = Stores.kind(kindName);
    ClusterIdentity.mustBeWritable(kind);
    Key key = namespaces.key(kind, name);
    List<Object> trees = ResourceText.parseTrees(patch, "patch");
    if (trees.size() != 1 || trees.getFirst() == null) {
      throw CommandFailure.failed("patch: one YAML or JSON value is wanted, not " + trees.size());
    }
    if (type != PatchType.JSON && !(trees.getFirst() instanceof Map<?, ?>)) {
      throw CommandFailure.failed("patch: an object is wanted, such as {\"spec\":{…}}");
    }
    if (type != PatchType.JSON) {
      mustBeFields((Map<?, ?>) trees.getFirst());
    }
    Resource patched;
    try (Datastore datastore = dryRun.existing(root)) {
      patched = change(new Writes(datastore), kind, key, trees.getFirst());
    }
    Terminal terminal = root.terminal();
    if (format == Format.PS) {
      terminal.out().println("Successfully patched 1 '" + kind + "' resource" + dryRun.note());
    } else {
      terminal.out().print(Listings.one(patched, format));
    }
    return ExitCode.OK;
  }

  /**
   * In YAML, {@code {ipipMode:Never}} is one field of that long name without a value, for the want
   * of a space: a field to remove that nothing has, and so a patch that would do nothing.
   */
  private static void mustBeFields(Map<?, ?> patch) {
    for (Map.Entry<?, ?> field : patch.entrySet()) {
      if (field.getValue() == null && field.getKey().toString().contains(":")) {
        throw CommandFailure.failed(
            "patch: field \""
                + field.getKey()
                + "\" has no value; in YAML a space follows the colon, in JSON names are in quotes");
      }
      if (field.getValue() instanceof Map<?, ?> inner) {
        mustBeFields(inner);
      }
    }
  }

  private <R extends Resource> R change(Writes writes, Kind<R> kind, Key key, Object patchTree) {
    return writes.change(
        kind,
        key,
        stored -> {
          R changed = kind.type().cast(patched(stored, patchTree));
          WriteRules.check(changed);
          WriteRules.checkChange(stored, changed);
          return changed;
        });
  }

  private Resource patched(Resource stored, Object patchTree) {
    Object before =
        ResourceText.parseTrees(ResourceText.toJson(stored), "stored resource").getFirst();
    Object after;
    try {
      after =
          type == PatchType.JSON
              ? JsonPatch.apply(before, patchTree)
              : MergePatch.apply(before, patchTree);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.failed("patch: " + e.getMessage());
    }
    Resource changed = ResourceText.fromTree(after, "patch of " + Stores.called(stored));
    if (!changed.kind().equals(stored.kind()) || !changed.key().equals(stored.key())) {
      throw CommandFailure.failed(
          "patch: kind, name and namespace of " + Stores.called(stored) + " cannot be changed");
    }
    return changed;
  }
}
