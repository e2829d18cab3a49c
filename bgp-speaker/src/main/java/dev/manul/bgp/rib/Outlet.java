package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.UpdateBatch;
import java.util.List;

/** Where updates for a neighbour go. */
public interface Outlet {

  /** Whether more may be sent now. When not, {@link Rib#writable} is called later. */
  boolean writable();

  /**
   * Whether so much waits already that the neighbour must no longer be sent what others are sent;
   * it is told the rest later, by itself.
   */
  default boolean overfull() {
    return !writable();
  }

  /** Whether the attributes leave room for a prefix in a message. */
  boolean fits(PathAttributes attributes, Family family);

  void send(List<BgpMessage> messages);

  /** Sends a neighbour's part of what several get. */
  default void send(UpdateBatch batch, RibPeer neighbor) {
    send(batch.messages(neighbor));
  }

  /** How updates become bytes: those of outlets with equal answers are the same. */
  default Object encoding() {
    return this;
  }

  /** How many paths of a prefix the neighbour gets with ADD-PATH (RFC 7911); 0 without. */
  default int paths(Family family) {
    return 0;
  }
}
