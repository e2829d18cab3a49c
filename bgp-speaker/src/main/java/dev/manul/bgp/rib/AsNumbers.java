package dev.manul.bgp.rib;

import dev.manul.bgp.wire.Role;
import java.util.Optional;

/**
 * The AS numbers of a session and the rules that go by them.
 *
 * <p>A number shown to one neighbour instead of the speaker's own is this speaker's only number on
 * that session: paths from it are looked through for that number alone, and paths to it begin with
 * that number alone. Two clusters of the same number can so exchange routes through a third
 * network.
 *
 * @param local the number shown to the neighbour
 * @param remote the neighbour's
 * @param allowLocal how often {@code local} may be in a path that is still accepted
 * @param override whether {@code local} takes the place of {@code remote} in paths announced
 * @param role what this end is to an external neighbour (RFC 9234)
 */
public record AsNumbers(
    long local, long remote, int allowLocal, boolean override, Optional<Role> role) {

  /** Two numbers without further rules. */
  public static AsNumbers of(long local, long remote) {
    return new AsNumbers(local, remote, 0, false, Optional.empty());
  }

  /** Whether the neighbour is in another AS. */
  public boolean external() {
    return local != remote;
  }
}
