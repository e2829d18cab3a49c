package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl ipam split}: makes several pools of one. */
@Command(
    name = "split",
    header = "Splits a pool into several of the same size that take its place.",
    footer = {
      "",
      "The datastore must be locked. Blocks and addresses in use stay as they are, each in the pool",
      "that has its range now. The new pools are named split-NAME-0 and so on.",
      "",
      "Examples:",
      "  manulctl ipam split 2 --name=default-ipv4-ippool",
      "  manulctl ipam split 4 --cidr=10.244.0.0/16"
    })
final class IpamSplitCommand implements Runnable {
  private static final int MOST = 1 << 16;

  private final Root root;

  @Parameters(paramLabel = "NUMBER", description = "How many pools it is to be: a power of two.")
  int number;

  @Option(names = "--cidr", paramLabel = "CIDR", description = "The range of the pool.")
  String cidr;

  @Option(names = "--name", paramLabel = "NAME", description = "The name of the pool.")
  String name;

  @Mixin DryRun dryRun = new DryRun();

  IpamSplitCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    if ((cidr == null) == (name == null)) {
      throw CommandFailure.usage("name the pool with --cidr or --name, one of them");
    }
    if (number < 2 || number > MOST || Integer.bitCount(number) != 1) {
      throw CommandFailure.usage(
          "NUMBER: got " + number + ", allowed are the powers of two from 2 to " + MOST);
    }
    List<IPPool> parts;
    try (Datastore datastore = dryRun.existing(root)) {
      IPPool pool = pool(datastore);
      parts = parts(pool);
      if (!ClusterIdentity.locked(datastore)) {
        throw CommandFailure.failed(
            "the datastore is not locked; lock it with manulctl datastore migrate lock");
      }
      split(datastore, pool, parts);
      root.terminal()
          .out()
          .println(
              "Successfully split "
                  + Stores.called(pool)
                  + " into "
                  + number
                  + " pools"
                  + dryRun.note());
    }
    for (IPPool part : parts) {
      root.terminal().out().println("  " + part.metadata().name() + " " + part.spec().cidr());
    }
  }

  private IPPool pool(Datastore datastore) {
    if (name != null) {
      Key key = Key.of(name);
      return datastore.get(IPPool.KIND, key).orElseThrow(() -> Writes.missing(IPPool.KIND, key));
    }
    Prefix range;
    try {
      range = Prefix.parse(cidr);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage("--cidr " + cidr + ": " + e.getMessage());
    }
    return datastore.list(IPPool.KIND, Selection.ALL).items().stream()
        .filter(pool -> pool.spec().cidr().equals(range))
        .findFirst()
        .orElseThrow(() -> CommandFailure.failed("no pool has the range " + range));
  }

  private List<IPPool> parts(IPPool pool) {
    Prefix whole = pool.spec().cidr();
    int length = whole.length() + Integer.numberOfTrailingZeros(number);
    if (length > pool.spec().blockSize()) {
      throw CommandFailure.failed(
          Stores.called(pool)
              + " cannot be split into "
              + number
              + ": its blocks are /"
              + pool.spec().blockSize()
              + " and the parts would be /"
              + length);
    }
    boolean disabled =
        Boolean.parseBoolean(
            pool.metadata()
                .annotations()
                .getOrDefault(IPPool.BEING_SPLIT, Boolean.toString(pool.spec().disabled())));
    Map<String, String> annotations = new HashMap<>(pool.metadata().annotations());
    annotations.remove(IPPool.BEING_SPLIT);
    List<IPPool> parts = new ArrayList<>();
    Prefix range = Prefix.of(whole.address(), length);
    for (int i = 0; i < number; i++) {
      Metadata metadata =
          new Metadata(
              "split-" + pool.metadata().name() + "-" + i,
              "",
              pool.metadata().labels(),
              annotations,
              "",
              "",
              "");
      IPPool part = new IPPool(metadata, pool.spec().withCidr(range).withDisabled(disabled));
      WriteRules.check(part);
      parts.add(part);
      range = i + 1 < number ? Prefix.of(range.lastAddress().plus(1), length) : range;
    }
    return parts;
  }

  /**
   * Every address is in a pool at any time, so that no route and no masquerading goes meanwhile. A
   * split that was interrupted goes on where it was when it is asked for again.
   */
  private static void split(Datastore datastore, IPPool pool, List<IPPool> parts) {
    Writes writes = new Writes(datastore);
    IPPool _ = writes.change(IPPool.KIND, pool.key(), IpamSplitCommand::marked);
    for (IPPool part : parts) {
      if (datastore.create(part) instanceof WriteResult.Conflict<IPPool>(Optional<IPPool> there)
          && there.filter(stored -> stored.spec().equals(part.spec())).isEmpty()) {
        throw CommandFailure.failed("resource already exists: " + Stores.called(part));
      }
    }
    writes.deleteAsIs(IPPool.KIND, pool.key());
  }

  private static IPPool marked(IPPool pool) {
    Map<String, String> annotations = new HashMap<>(pool.metadata().annotations());
    annotations.putIfAbsent(IPPool.BEING_SPLIT, Boolean.toString(pool.spec().disabled()));
    return pool.withMetadata(pool.metadata().withAnnotations(annotations))
        .withSpec(pool.spec().withDisabled(true));
  }
}
