package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Which pools a request may take from: pure. */
final class PoolSelection {
  private static final String EVERYTHING = "all()";

  private PoolSelection() {}

  /**
   * The pools for one family of a request, in the order to try them: by name.
   *
   * @param nodeLabels asked for only when a selector needs them
   * @throws IpamException when there is none
   */
  static List<IPPool> forRequest(
      Collection<IPPool> pools,
      AddressFamily family,
      AutoAssignRequest request,
      Supplier<Map<String, String>> nodeLabels) {
    List<IPPool> named = new ArrayList<>();
    for (String wanted : request.pools()) {
      IPPool pool = named(pools, wanted);
      if (pool.spec().cidr().family() == family) {
        if (pool.spec().disabled()) {
          throw new IpamException(
              IpamException.Reason.BAD_POOL,
              "the pool " + wanted + " is disabled: set spec.disabled to false to take from it");
        }
        named.add(pool);
      }
    }
    List<IPPool> candidates = named;
    if (named.isEmpty()) {
      candidates =
          pools.stream()
              .filter(pool -> pool.spec().cidr().family() == family)
              .filter(pool -> pool.spec().assignmentMode().equals(IPPool.ASSIGN_AUTOMATIC))
              .filter(pool -> selects(pool, nodeLabels))
              .filter(pool -> matches(pool.spec().namespaceSelector(), request::namespaceLabels))
              .toList();
    }
    if (candidates.isEmpty()) {
      throw new IpamException(
          IpamException.Reason.NO_POOL,
          "no configured pools for node "
              + request.node()
              + ": no enabled "
              + text(family)
              + " pool selects it"
              + (request.namespaceLabels().isEmpty() ? "" : " and the namespace"));
    }
    List<IPPool> fit =
        candidates.stream()
            .distinct()
            .filter(pool -> pool.spec().allowedUses().contains(request.use().text()))
            .sorted(Comparator.comparing(pool -> pool.metadata().name()))
            .toList();
    if (fit.isEmpty()) {
      throw new IpamException(
          IpamException.Reason.NO_POOL,
          "no qualified pool for node "
              + request.node()
              + ": none of "
              + candidates.stream().map(pool -> pool.metadata().name()).toList()
              + " has "
              + request.use().text()
              + " among its allowedUses");
    }
    return fit;
  }

  private static IPPool named(Collection<IPPool> pools, String wanted) {
    return pools.stream()
        .filter(
            pool ->
                pool.metadata().name().equals(wanted)
                    || pool.spec().cidr().toString().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IpamException(
                    IpamException.Reason.BAD_POOL,
                    "there is no pool "
                        + wanted
                        + "; there are "
                        + pools.stream().map(pool -> pool.metadata().name()).sorted().toList()));
  }

  /** Whether an enabled pool's node selector chooses a node of these labels. */
  static boolean selects(IPPool pool, Supplier<Map<String, String>> nodeLabels) {
    return !pool.spec().disabled() && matches(pool.spec().nodeSelector(), nodeLabels);
  }

  private static boolean matches(String selector, Supplier<Map<String, String>> labels) {
    return selector.isEmpty()
        || selector.equals(EVERYTHING)
        || Selector.parse(selector).matches(labels.get());
  }

  /** The pool that holds an address. */
  static Optional<IPPool> holding(Collection<IPPool> pools, Address address) {
    return pools.stream().filter(pool -> pool.spec().cidr().contains(address)).findFirst();
  }

  /** The pool that holds a block. */
  static Optional<IPPool> holding(Collection<IPPool> pools, Prefix block) {
    return pools.stream().filter(pool -> pool.spec().cidr().contains(block)).findFirst();
  }

  /** The block of a pool that an address belongs to. */
  static Prefix blockOf(IPPool pool, Address address) {
    return Prefix.of(address, pool.spec().blockSize());
  }

  static String text(AddressFamily family) {
    return family == AddressFamily.IPV4 ? "IPv4" : "IPv6";
  }
}
