package dev.manul.netlink;

import dev.manul.model.AddressFamily;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which routes a dump is to give. The kernel does the sorting out where it can.
 *
 * @param family one family, or both
 * @param table one table, or all
 * @param protocol one protocol, or all
 * @param linkIndex the routes that use one link, or all
 */
public record RouteSelection(
    Optional<AddressFamily> family,
    OptionalInt table,
    OptionalInt protocol,
    OptionalInt linkIndex) {

  /** Every route of both families and all tables. */
  public static final RouteSelection ALL =
      new RouteSelection(
          Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

  /** Every route of one table. */
  public static RouteSelection ofTable(int table) {
    return ALL.withTable(table);
  }

  public RouteSelection withFamily(AddressFamily newFamily) {
    return new RouteSelection(Optional.of(newFamily), table, protocol, linkIndex);
  }

  public RouteSelection withTable(int newTable) {
    return new RouteSelection(family, OptionalInt.of(newTable), protocol, linkIndex);
  }

  public RouteSelection withProtocol(int newProtocol) {
    return new RouteSelection(family, table, OptionalInt.of(newProtocol), linkIndex);
  }

  public RouteSelection withLink(int newLinkIndex) {
    return new RouteSelection(family, table, protocol, OptionalInt.of(newLinkIndex));
  }
}
