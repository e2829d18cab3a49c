package dev.manul.policy;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;

/** Pools for tests. */
final class Pools {

  private Pools() {}

  static IPPool pool(String cidr) {
    return new IPPool(
        Metadata.named("pool-" + cidr.replaceAll("[^a-z0-9]", "-")),
        IPPool.Spec.of(Prefix.parse(cidr)));
  }

  static IPPool masqueraded(String cidr) {
    IPPool pool = pool(cidr);
    return pool.withSpec(pool.spec().withNatOutgoing(true));
  }

  static IPPool ipip(String cidr) {
    IPPool pool = pool(cidr);
    return pool.withSpec(
        pool.spec().withModes(EncapsulationMode.CROSS_SUBNET, EncapsulationMode.NEVER));
  }

  static IPPool vxlan(String cidr) {
    IPPool pool = pool(cidr);
    return pool.withSpec(pool.spec().withModes(EncapsulationMode.NEVER, EncapsulationMode.ALWAYS));
  }
}
