package dev.manul.bgp.filter;

import dev.manul.bgp.filter.Match.PeerType;
import dev.manul.bgp.filter.Match.Source;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Prefix;
import java.util.Optional;

/**
 * A route before a filter.
 *
 * @param attributes as far as earlier rules have changed them
 * @param source where it comes from
 * @param interfaceName the device it leads to, where known
 * @param peerType what the neighbour is whose filter this is
 * @param defaultLocalPreference what counts as LOCAL_PREF when the route has none
 */
public record Candidate(
    Prefix prefix,
    PathAttributes attributes,
    Source source,
    Optional<String> interfaceName,
    PeerType peerType,
    long defaultLocalPreference) {

  /** Its priority as the kernel would have it. */
  long priority() {
    return RouteFilter.priority(attributes.localPreference().orElse(defaultLocalPreference));
  }

  Candidate withAttributes(PathAttributes value) {
    return new Candidate(prefix, value, source, interfaceName, peerType, defaultLocalPreference);
  }
}
