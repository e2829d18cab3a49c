package dev.manul.bgp;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * A route that this speaker announces of its own.
 *
 * @param prefix what is reachable
 * @param nextHop the next hop to announce; empty for the session's own address
 * @param communities RFC 1997 communities to send along, each as AS {@code << 16 |} value. They are
 *     for the neighbours to obey: NO_EXPORT and its kin do not keep this speaker from announcing
 *     its own route
 */
public record OriginatedRoute(Prefix prefix, Optional<Address> nextHop, List<Integer> communities) {

  public OriginatedRoute {
    communities = communities.stream().distinct().sorted(Integer::compareUnsigned).toList();
    if (nextHop.isPresent() && nextHop.get().family() != prefix.family()) {
      throw new IllegalArgumentException(
          "the next hop " + nextHop.get() + " is not of the family of " + prefix);
    }
  }

  /** A route with the session's own address as next hop and without communities. */
  public static OriginatedRoute of(Prefix prefix) {
    return new OriginatedRoute(prefix, Optional.empty(), List.of());
  }
}
