package dev.manul.agent;

import dev.manul.model.FelixConfiguration;
import java.util.Map;
import java.util.Optional;

/** Where this node learns which other node has which block. */
enum RouteSource {
  /** By BGP, from the nodes themselves or from route reflectors. */
  BGP,
  /** From the blocks in the datastore. */
  DATASTORE;

  private static final String VARIABLE = "FELIX_PROGRAMCLUSTERROUTES";

  /**
   * The source by Calico's settings: without BGP ({@code CALICO_NETWORKING_BACKEND}) it is the
   * datastore, for there is no other; with BGP it is when {@code programClusterRoutes} is {@code
   * Enabled}.
   */
  static RouteSource of(
      boolean bgp, Optional<FelixConfiguration> configuration, Map<String, String> environment) {
    String given = environment.getOrDefault(VARIABLE, "");
    String value =
        given.isEmpty()
            ? configuration.flatMap(felix -> felix.spec().programClusterRoutes()).orElse("")
            : given;
    return !bgp || value.equalsIgnoreCase("Enabled") ? DATASTORE : BGP;
  }
}
