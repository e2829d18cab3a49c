package dev.manul.bgp;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.Optional;

/**
 * A path as inspection shows it.
 *
 * @param attributes as the neighbour sent them in an Adj-RIB-In, after the import filter in the
 *     Loc-RIB, as they were sent in an Adj-RIB-Out
 * @param peer the neighbour it came from or goes to; empty for this speaker's own routes
 * @param best whether it is the best path of its prefix
 * @param reason why it is best, or why it is not, in a few words; "" in an Adj-RIB-Out
 */
public record RibEntry(
    Prefix prefix,
    PathAttributes attributes,
    Optional<Address> peer,
    boolean best,
    boolean stale,
    String reason) {}
