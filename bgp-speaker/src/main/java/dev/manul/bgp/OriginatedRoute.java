package dev.manul.bgp;

import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route that this speaker announces of its own.
 *
 * @param prefix what is reachable
 * @param nextHop the next hop to announce; empty for the session's own address
 * @param communities RFC 1997 communities to send along, each as AS {@code << 16 |} value. They are
 *     for the neighbours to obey: NO_EXPORT and its kin do not keep this speaker from announcing
 *     its own route
 * @param interfaceName the device that the route leads to, for filters to look at
 * @param priority the kernel's priority of the route, told to internal neighbours as LOCAL_PREF;
 *     empty for the default
 */
public record OriginatedRoute(
    Prefix prefix,
    Optional<Address> nextHop,
    List<Integer> communities,
    Optional<String> interfaceName,
    OptionalInt priority) {

  public OriginatedRoute {
    communities = communities.stream().distinct().sorted(Integer::compareUnsigned).toList();
    if (nextHop.isPresent() && nextHop.get().family() != prefix.family()) {
      throw new IllegalArgumentException(
          "the next hop " + nextHop.get() + " is not of the family of " + prefix);
    }
  }

  /** A route of no known device, with default priority. */
  public OriginatedRoute(Prefix prefix, Optional<Address> nextHop, List<Integer> communities) {
    this(prefix, nextHop, communities, Optional.empty(), OptionalInt.empty());
  }

  /**
   * The attributes that the route has in the RIB.
   *
   * @param defaultLocalPreference its LOCAL_PREF when it has no priority of its own
   */
  public PathAttributes attributes(long defaultLocalPreference) {
    PathAttributes.Builder builder =
        PathAttributes.builder().nextHop(nextHop).communities(communities);
    return builder
        .localPreference(
            priority.isPresent()
                ? RouteFilter.localPreference(priority.getAsInt())
                : defaultLocalPreference)
        .build();
  }

  /** A route with the session's own address as next hop and without communities. */
  public static OriginatedRoute of(Prefix prefix) {
    return new OriginatedRoute(prefix, Optional.empty(), List.of());
  }

  /** The same, leading to a device. */
  public OriginatedRoute through(String device) {
    return new OriginatedRoute(prefix, nextHop, communities, Optional.of(device), priority);
  }
}
