package dev.manul.cli;

import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.ClusterInformation;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Kind;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What tables show of a kind.
 *
 * @param narrow headings of the ordinary table
 * @param wide headings of the wide table
 * @param all every column there is
 */
record Columns<R extends Resource>(List<String> narrow, List<String> wide, List<Column<R>> all) {

  private static final int LONGEST_LIST = 80;

  /** One column: its heading and what stands under it. */
  record Column<R>(String heading, Function<R, String> cell) {}

  /** The column of this heading, or empty. */
  Optional<Column<R>> named(String heading) {
    return all.stream().filter(column -> column.heading().equals(heading)).findFirst();
  }

  /**
   * The columns of a kind.
   *
   * @param clusterAsNumber the AS number of nodes that have none of their own
   */
  @SuppressWarnings("unchecked") // every branch is of the kind that was asked for
  static <R extends Resource> Columns<R> of(Kind<R> kind, long clusterAsNumber) {
    Columns<?> columns =
        switch (kind.toString()) {
          case "IPPool" -> pools();
          case "Node" -> nodes(clusterAsNumber);
          case "WorkloadEndpoint" -> endpoints();
          case "BGPConfiguration" -> bgpConfigurations();
          case "BGPPeer" -> bgpPeers();
          case "BGPFilter" -> bgpFilters();
          case "IPReservation" -> reservations();
          case "IPAMConfiguration" -> ipamConfigurations();
          case "ClusterInformation" -> clusterInformations();
          case "BlockAffinity" -> affinities();
          case "IPAMBlock" -> blocks();
          case "IPAMHandle" -> handles();
          default -> PolicyColumns.of(kind).orElse(columns(List.of("NAME"), List.of("NAME")));
        };
    return (Columns<R>) columns;
  }

  @SafeVarargs
  static <R extends Resource> Columns<R> columns(
      List<String> narrow, List<String> wide, Column<R>... own) {
    List<Column<R>> all = new java.util.ArrayList<>();
    all.add(new Column<>("NAME", resource -> resource.metadata().name()));
    for (Column<R> column : own) {
      all.add(column);
    }
    return new Columns<>(narrow, wide, List.copyOf(all));
  }

  static <R> Column<R> column(String heading, Function<R, Object> cell) {
    return new Column<>(heading, resource -> String.valueOf(cell.apply(resource)));
  }

  private static Columns<IPPool> pools() {
    return columns(
        List.of("NAME", "CIDR", "SELECTOR"),
        List.of(
            "NAME",
            "CIDR",
            "NAT",
            "IPIPMODE",
            "VXLANMODE",
            "DISABLED",
            "DISABLEBGPEXPORT",
            "SELECTOR",
            "ASSIGNMENTMODE"),
        column("CIDR", pool -> pool.spec().cidr()),
        column("NAT", pool -> pool.spec().natOutgoing()),
        column("IPIPMODE", pool -> pool.spec().ipipMode()),
        column("VXLANMODE", pool -> pool.spec().vxlanMode()),
        column("DISABLED", pool -> pool.spec().disabled()),
        column("DISABLEBGPEXPORT", pool -> pool.spec().disableBGPExport()),
        column("SELECTOR", pool -> pool.spec().nodeSelector()),
        column("ASSIGNMENTMODE", pool -> pool.spec().assignmentMode()),
        column("BLOCKSIZE", pool -> pool.spec().blockSize()));
  }

  private static Columns<Node> nodes(long clusterAsNumber) {
    return columns(
        List.of("NAME"),
        List.of("NAME", "ASN", "IPV4", "IPV6"),
        column(
            "ASN",
            node ->
                node.spec()
                    .bgp()
                    .flatMap(Node.Bgp::asNumber)
                    .map(String::valueOf)
                    .orElse("(" + clusterAsNumber + ")")),
        column("IPV4", node -> address(node, Node.Bgp::ipv4Address)),
        column("IPV6", node -> address(node, Node.Bgp::ipv6Address)));
  }

  private static String address(Node node, Function<Node.Bgp, Optional<InterfaceAddress>> which) {
    return node.spec().bgp().flatMap(which).map(InterfaceAddress::toString).orElse("");
  }

  private static Columns<WorkloadEndpoint> endpoints() {
    return columns(
        List.of("WORKLOAD", "NODE", "NETWORKS", "INTERFACE"),
        List.of("NAME", "WORKLOAD", "NODE", "NETWORKS", "INTERFACE", "PROFILES", "NATS"),
        column(
            "WORKLOAD",
            end -> end.spec().pod().isEmpty() ? end.spec().workload() : end.spec().pod()),
        column("NODE", end -> end.spec().node()),
        column("NETWORKS", end -> joined(end.spec().ipNetworks())),
        column("INTERFACE", end -> end.spec().interfaceName()),
        column("PROFILES", end -> joined(end.spec().profiles())),
        column(
            "NATS",
            end ->
                joined(
                    end.spec().ipNATs().stream()
                        .map(nat -> nat.internalIP() + " -> " + nat.externalIP())
                        .toList())));
  }

  private static Columns<BGPConfiguration> bgpConfigurations() {
    List<String> headings = List.of("NAME", "LOGSEVERITY", "MESHENABLED", "ASNUMBER");
    return columns(
        headings,
        headings,
        column("LOGSEVERITY", bgp -> bgp.spec().logSeverityScreen().orElse("-")),
        column("MESHENABLED", bgp -> bgp.spec().nodeToNodeMeshEnabled()),
        column("ASNUMBER", bgp -> bgp.spec().asNumber()));
  }

  private static Columns<BGPPeer> bgpPeers() {
    List<String> headings = List.of("NAME", "PEERIP", "NODE", "ASN");
    return columns(
        headings,
        headings,
        column(
            "PEERIP",
            peer ->
                first(
                    peer.spec().peerIP(),
                    peer.spec().peerSelector(),
                    peer.spec().localWorkloadSelector())),
        column("NODE", peer -> first(peer.spec().node(), peer.spec().nodeSelector(), "(global)")),
        column("ASN", peer -> peer.spec().asNumber().map(String::valueOf).orElse("0")));
  }

  private static Columns<BGPFilter> bgpFilters() {
    List<String> headings =
        List.of("NAME", "NUMEXPORTV4", "NUMIMPORTV4", "NUMEXPORTV6", "NUMIMPORTV6");
    return columns(
        headings,
        headings,
        column("NUMEXPORTV4", filter -> filter.spec().exportV4().size()),
        column("NUMIMPORTV4", filter -> filter.spec().importV4().size()),
        column("NUMEXPORTV6", filter -> filter.spec().exportV6().size()),
        column("NUMIMPORTV6", filter -> filter.spec().importV6().size()));
  }

  private static Columns<IPReservation> reservations() {
    return columns(
        List.of("NAME"),
        List.of("NAME", "CIDRS"),
        column("CIDRS", reservation -> joined(reservation.spec().reservedCIDRs())));
  }

  private static Columns<IPAMConfiguration> ipamConfigurations() {
    return columns(
        List.of("NAME", "STRICTAFFINITY", "AUTOALLOCATEBLOCKS"),
        List.of("NAME", "STRICTAFFINITY", "AUTOALLOCATEBLOCKS", "MAXBLOCKSPERHOST"),
        column("STRICTAFFINITY", ipam -> ipam.spec().strictAffinity()),
        column("AUTOALLOCATEBLOCKS", ipam -> ipam.spec().autoAllocateBlocks()),
        column("MAXBLOCKSPERHOST", ipam -> ipam.spec().maxBlocksPerHost()));
  }

  private static Columns<ClusterInformation> clusterInformations() {
    List<String> headings =
        List.of("NAME", "CLUSTERGUID", "CLUSTERTYPE", "CALICOVERSION", "DATASTOREREADY");
    return columns(
        headings,
        headings,
        column("CLUSTERGUID", cluster -> cluster.spec().clusterGUID()),
        column("CLUSTERTYPE", cluster -> cluster.spec().clusterType()),
        column("CALICOVERSION", cluster -> cluster.spec().calicoVersion()),
        column("DATASTOREREADY", cluster -> cluster.spec().datastoreReady()));
  }

  private static Columns<BlockAffinity> affinities() {
    return columns(
        List.of("NAME", "NODE", "CIDR", "STATE"),
        List.of("NAME", "NODE", "CIDR", "STATE", "TYPE", "DELETED"),
        column("NODE", affinity -> affinity.spec().node()),
        column("CIDR", affinity -> affinity.spec().cidr()),
        column("STATE", affinity -> affinity.spec().state()),
        column("TYPE", affinity -> affinity.spec().type()),
        column("DELETED", affinity -> affinity.spec().deleted()));
  }

  private static Columns<IPAMBlock> blocks() {
    return columns(
        List.of("NAME", "CIDR", "AFFINITY"),
        List.of("NAME", "CIDR", "AFFINITY", "SIZE", "FREE", "DELETED"),
        column("CIDR", block -> block.spec().cidr()),
        column("AFFINITY", block -> block.spec().affinity().orElse("-")),
        column("SIZE", block -> block.spec().allocations().size()),
        column("FREE", block -> block.spec().unallocated().size()),
        column("DELETED", block -> block.spec().deleted()));
  }

  private static Columns<IPAMHandle> handles() {
    return columns(
        List.of("NAME"),
        List.of("NAME", "BLOCKS"),
        column("HANDLEID", handle -> handle.spec().handleID()),
        column("BLOCKS", handle -> joined(handle.spec().block().keySet())));
  }

  private static String first(String... texts) {
    for (String text : texts) {
      if (!text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  /** A list in a cell, cut where it gets too long. */
  static String joined(java.util.Collection<?> items) {
    String text = items.stream().map(String::valueOf).collect(Collectors.joining(","));
    return text.length() <= LONGEST_LIST ? text : text.substring(0, LONGEST_LIST - 3) + "...";
  }
}
