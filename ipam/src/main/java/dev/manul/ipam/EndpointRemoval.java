package dev.manul.ipam;

import dev.manul.model.WorkloadEndpoint;
import java.util.Optional;

/** How an endpoint goes that uses another's address. */
@FunctionalInterface
public interface EndpointRemoval {

  /**
   * Ends the endpoint with whatever it is of, and waits until it is gone.
   *
   * @return empty when it is gone; else why it is not, to be read after its name and a colon
   */
  Optional<String> remove(WorkloadEndpoint endpoint);
}
