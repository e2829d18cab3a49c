package dev.manul.bgp.wire;

import java.util.Locale;
import java.util.Optional;

/** What a speaker is to its external neighbour, RFC 9234 section 4.1. */
public enum Role {
  PROVIDER(0),
  ROUTE_SERVER(1),
  ROUTE_SERVER_CLIENT(2),
  CUSTOMER(3),
  PEER(4);

  /** The value on the wire. */
  public final int code;

  Role(int code) {
    this.code = code;
  }

  /** The role of that number; empty when there is none. */
  public static Optional<Role> of(int code) {
    return code >= 0 && code < values().length ? Optional.of(values()[code]) : Optional.empty();
  }

  /** The only role that a neighbour of this one may have (RFC 9234 table 2). */
  public Role counterpart() {
    return switch (this) {
      case PROVIDER -> CUSTOMER;
      case CUSTOMER -> PROVIDER;
      case ROUTE_SERVER -> ROUTE_SERVER_CLIENT;
      case ROUTE_SERVER_CLIENT -> ROUTE_SERVER;
      case PEER -> PEER;
    };
  }

  /** Such as {@code route-server}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
