package dev.manul.policy.calculation;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;

/** A member of a set of addresses. */
public sealed interface Member {

  /** The family whose packets it can match. */
  AddressFamily family();

  /** All addresses of a prefix. */
  record Net(Prefix prefix) implements Member {
    @Override
    public AddressFamily family() {
      return prefix.address().family();
    }
  }

  /** An address with a port of a protocol. */
  record Port(Address address, int protocol, int port) implements Member {
    @Override
    public AddressFamily family() {
      return address.family();
    }
  }
}
