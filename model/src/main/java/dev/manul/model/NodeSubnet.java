package dev.manul.model;

import java.util.Optional;

/**
 * That a node has one prefix of a pool for all of its pods, as with flannel and kindnet, instead of
 * as many blocks as it needs. Its length is the pool's {@code blockSize}. A field of Manul's own;
 * Calico has none like it.
 *
 * @param source where it comes from: {@link #POOL}, or {@link #POD_CIDR} for the prefixes that
 *     Kubernetes gives the node, {@code spec.podCIDRs}
 * @param min the first subnet that a node may have; flannel's SubnetMin; with {@link #POOL} only
 * @param max the last one; flannel's SubnetMax; with {@link #POOL} only
 */
public record NodeSubnet(String source, Optional<Address> min, Optional<Address> max) {

  /** Nodes choose a free one of the pool, and keep it. */
  public static final String POOL = "Pool";

  /** Kubernetes' controller manager has chosen. */
  public static final String POD_CIDR = "PodCIDR";

  public NodeSubnet {
    source = source == null || source.isEmpty() ? POOL : source;
    min = Absent.optional(min);
    max = Absent.optional(max);
  }

  /** A subnet from Kubernetes. */
  public static NodeSubnet ofKubernetes() {
    return new NodeSubnet(POD_CIDR, Optional.empty(), Optional.empty());
  }

  public boolean isOfKubernetes() {
    return source.equals(POD_CIDR);
  }
}
