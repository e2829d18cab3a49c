package dev.manul.agent;

import dev.manul.model.EndpointSlice;
import dev.manul.model.Key;
import java.util.Optional;

/**
 * What an EndpointSlice says of where a service has endpoints that take traffic.
 *
 * @param service namespace and name
 * @param here whether one of them is on this node
 */
record ReadyEndpoints(Key service, boolean here) {

  /** Of a slice; empty when it has no ready endpoint, or is of no service. */
  static Optional<ReadyEndpoints> of(EndpointSlice slice, String nodeName) {
    if (slice.service().isEmpty()) {
      return Optional.empty();
    }
    boolean ready = false;
    boolean here = false;
    for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
      if (endpoint.conditions().isReady()) {
        ready = true;
        here |= endpoint.nodeName().equals(nodeName);
      }
    }
    return ready
        ? Optional.of(
            new ReadyEndpoints(new Key(slice.metadata().namespace(), slice.service()), here))
        : Optional.empty();
  }
}
