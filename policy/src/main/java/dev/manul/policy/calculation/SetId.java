package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import dev.manul.policy.meaning.ServiceId;

/** Which set of addresses; two rules that ask the same share one. */
public sealed interface SetId {

  /** The addresses of all that a selector selects. Members are prefixes. */
  record Selected(Selector selector) implements SetId {}

  /**
   * The addresses of all that a selector selects, each with the port that it calls by a name.
   * Members have protocol and port.
   *
   * @param protocol number of the IP protocol
   */
  record Named(Selector selector, int protocol, String port) implements SetId {}

  /** The addresses behind a service; members are prefixes. */
  record Service(ServiceId service) implements SetId {}

  /** The addresses behind a service with their ports; members have protocol and port. */
  record ServicePorts(ServiceId service) implements SetId {}
}
