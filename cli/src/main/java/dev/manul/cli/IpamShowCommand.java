package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.AllocationInfo;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.UsageReport;
import dev.manul.model.Address;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl ipam show}: how full the pools are, or whom one address belongs to. */
@Command(
    name = "show",
    header = "Shows how full the pools and their blocks are, or whom an address belongs to.",
    footer = {
      "",
      "Examples:",
      "  manulctl ipam show --show-blocks",
      "  manulctl ipam show --ip=10.244.0.7 -o json"
    })
final class IpamShowCommand implements Runnable {
  private final Root root;

  @Option(names = "--show-blocks", description = "Shows the blocks of each pool as well.")
  boolean blocks;

  @Option(
      names = "--show-borrowed",
      description = "Shows the addresses that nodes use out of other nodes' blocks.")
  boolean borrowed;

  @Option(names = "--show-configuration", description = "Shows the settings in force.")
  boolean configuration;

  @Option(names = "--ip", paramLabel = "ADDRESS", description = "Shows whom it belongs to.")
  String ip;

  @Mixin final PsOrJson output = new PsOrJson();

  IpamShowCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    Format format = output.format();
    Optional<Address> address = Optional.ofNullable(ip).map(IpamShowCommand::address);
    Terminal terminal = root.terminal();
    try (Datastore datastore = Stores.existing(root)) {
      Ipam ipam = new Ipam(datastore, terminal.clock());
      if (address.isPresent()) {
        Optional<AllocationInfo> found = ipam.lookup(address.get());
        terminal
            .out()
            .print(
                format == Format.JSON
                    ? Json.text(json(address.get(), found))
                    : text(address.get(), found));
        return;
      }
      UsageReport usage = ipam.usage();
      terminal.out().print(format == Format.JSON ? Json.text(json(usage)) : text(usage));
    }
  }

  /** Reads an address given on the command line. */
  static Address address(String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage("--ip " + text + " is not an address: " + e.getMessage());
    }
  }

  private static String text(Address address, Optional<AllocationInfo> found) {
    if (found.isEmpty()) {
      return address + " is not assigned\n";
    }
    AllocationInfo info = found.get();
    StringBuilder text = new StringBuilder();
    if (info.coolingSince().isPresent()) {
      text.append(address).append(" is not assigned; it was released at ");
      return text.append(info.coolingSince().get())
          .append(" and waits to be used again\n")
          .toString();
    }
    text.append("IP ").append(address).append(" is in use\n");
    text.append("Handle ID: ").append(info.handleId().orElse("-")).append('\n');
    text.append("Block: ").append(info.block());
    text.append(info.blockOwner().map(node -> " of " + node).orElse("")).append('\n');
    text.append("Active Owner Attributes:\n");
    new TreeMap<>(info.attributes())
        .forEach(
            (key, value) -> text.append("  ").append(key).append(": ").append(value).append('\n'));
    return text.toString();
  }

  private String text(UsageReport usage) {
    StringBuilder text = new StringBuilder();
    if (configuration) {
      UsageReport.Settings set = usage.configuration();
      FramedTable table = new FramedTable("PROPERTY", "VALUE");
      table.add("StrictAffinity", Boolean.toString(set.strictAffinity()));
      table.add("AutoAllocateBlocks", Boolean.toString(set.autoAllocateBlocks()));
      table.add("MaxBlocksPerHost", Integer.toString(set.maxBlocksPerHost()));
      table.add("IPCooldownSeconds", Long.toString(set.cooldownSeconds()));
      text.append(table.text());
    }
    if (borrowed) {
      FramedTable table =
          new FramedTable("IP", "BORROWING-NODE", "BLOCK", "BLOCK OWNER", "TYPE", "ALLOCATED-TO");
      for (AllocationInfo info : usage.borrowed()) {
        table.add(
            info.address().text(),
            info.node().orElse("-"),
            info.block().toString(),
            info.blockOwner().orElse("-"),
            info.attributes()
                .getOrDefault("type", info.attributes().containsKey("pod") ? "pod" : "-"),
            owner(info));
      }
      text.append(table.text());
    }
    return configuration || borrowed ? text.toString() : usageTable(usage);
  }

  private static String owner(AllocationInfo info) {
    String pod = info.attributes().get("pod");
    return pod == null
        ? info.handleId().orElse("-")
        : info.attributes().getOrDefault("namespace", "") + "/" + pod;
  }

  private String usageTable(UsageReport usage) {
    FramedTable table =
        new FramedTable("GROUPING", "CIDR", "IPS TOTAL", "IPS IN USE", "IPS RESERVED", "IPS FREE");
    for (UsageReport.PoolUsage pool : usage.pools()) {
      table.add(
          "IP Pool",
          pool.cidr().toString(),
          pool.total().toString(),
          share(BigInteger.valueOf(pool.inUse()), pool.total()),
          share(pool.reserved(), pool.total()),
          share(pool.free(), pool.total()));
      if (blocks) {
        pool.blocks().forEach(block -> add(table, "Block", block));
      }
    }
    if (blocks) {
      usage.strayBlocks().forEach(block -> add(table, "No pool", block));
    }
    return table.text();
  }

  private static void add(FramedTable table, String grouping, UsageReport.BlockUsage block) {
    BigInteger total = BigInteger.valueOf(block.total());
    table.add(
        grouping,
        block.cidr().toString(),
        total.toString(),
        share(BigInteger.valueOf(block.inUse()), total),
        share(BigInteger.valueOf(block.reserved()), total),
        share(BigInteger.valueOf(block.free()), total));
  }

  /** A count and what part of the total it is, to the nearest hundredth. */
  private static String share(BigInteger part, BigInteger total) {
    BigInteger percent =
        total.signum() == 0
            ? BigInteger.ZERO
            : part.multiply(BigInteger.valueOf(200)).add(total).divide(total.shiftLeft(1));
    return part + " (" + percent + "%)";
  }

  private static Map<String, Object> json(Address address, Optional<AllocationInfo> found) {
    return found
        .map(IpamShowCommand::json)
        .orElseGet(() -> Json.object("ip", address.text(), "inUse", false));
  }

  /** An allocation as a tree. */
  static Map<String, Object> json(AllocationInfo info) {
    return Json.object(
        "ip",
        info.address(),
        "inUse",
        info.coolingSince().isEmpty(),
        "block",
        info.block(),
        "blockOwner",
        info.blockOwner().orElse(null),
        "handle",
        info.handleId().orElse(null),
        "borrowed",
        info.borrowed(),
        "sequenceNumber",
        info.sequenceNumber(),
        "coolingSince",
        info.coolingSince().orElse(null),
        "attributes",
        new TreeMap<>(info.attributes()));
  }

  private static Map<String, Object> json(UsageReport usage) {
    UsageReport.Settings set = usage.configuration();
    return Json.object(
        "pools",
        usage.pools().stream().map(IpamShowCommand::json).toList(),
        "blocksOutsidePools",
        usage.strayBlocks().stream().map(IpamShowCommand::json).toList(),
        "borrowed",
        usage.borrowed().stream().map(IpamShowCommand::json).toList(),
        "configuration",
        Json.object(
            "strictAffinity",
            set.strictAffinity(),
            "autoAllocateBlocks",
            set.autoAllocateBlocks(),
            "maxBlocksPerHost",
            set.maxBlocksPerHost(),
            "ipCooldownSeconds",
            set.cooldownSeconds()));
  }

  private static Map<String, Object> json(UsageReport.PoolUsage pool) {
    return Json.object(
        "name",
        pool.name(),
        "cidr",
        pool.cidr(),
        "disabled",
        pool.disabled(),
        "total",
        pool.total(),
        "inUse",
        pool.inUse(),
        "reserved",
        pool.reserved(),
        "free",
        pool.free(),
        "blocks",
        pool.blocks().stream().map(IpamShowCommand::json).toList());
  }

  private static Map<String, Object> json(UsageReport.BlockUsage block) {
    return Json.object(
        "cidr",
        block.cidr(),
        "owner",
        block.owner().orElse(null),
        "total",
        block.total(),
        "inUse",
        block.inUse(),
        "reserved",
        block.reserved(),
        "free",
        block.free());
  }
}
