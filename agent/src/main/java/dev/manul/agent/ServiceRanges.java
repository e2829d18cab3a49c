package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.CidrBlock;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which addresses of services are announced.
 *
 * @param clusterIps ranges of cluster IPs
 * @param externalIps ranges of external IPs
 * @param loadBalancerIps ranges of load balancers' IPs
 * @param aggregated whether ranges of load balancers' IPs are announced as they are
 */
record ServiceRanges(
    List<Prefix> clusterIps,
    List<Prefix> externalIps,
    List<Prefix> loadBalancerIps,
    boolean aggregated) {

  ServiceRanges {
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
  }

  /**
   * As the cluster has it.
   *
   * @param environment {@code CALICO_ADVERTISE_CLUSTER_IPS}: cluster IPs, where the cluster's
   *     settings say nothing of them
   */
  static ServiceRanges of(BGPConfiguration.Spec cluster, List<Prefix> environment) {
    List<Prefix> clusterIps = prefixes(cluster.serviceClusterIPs());
    return new ServiceRanges(
        clusterIps.isEmpty() ? environment : clusterIps,
        prefixes(cluster.serviceExternalIPs()),
        prefixes(cluster.serviceLoadBalancerIPs()),
        !cluster.serviceLoadBalancerAggregation().equals("Disabled"));
  }

  private static List<Prefix> prefixes(List<CidrBlock> blocks) {
    return blocks.stream().map(CidrBlock::cidr).filter(Objects::nonNull).toList();
  }

  boolean isEmpty() {
    return clusterIps.isEmpty() && externalIps.isEmpty() && loadBalancerIps.isEmpty();
  }

  /**
   * All ranges. What is in them is for the service proxy to deliver: no route of others that leads
   * into them is taken into the kernel.
   */
  Set<Prefix> all() {
    Set<Prefix> all = new TreeSet<>(clusterIps);
    all.addAll(externalIps);
    all.addAll(loadBalancerIps);
    return all;
  }

  static boolean covers(List<Prefix> ranges, Address address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
