package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import java.util.List;

/** Where updates for a neighbour go. */
public interface Outlet {

  /** Whether more may be sent now. When not, {@link Rib#writable} is called later. */
  boolean writable();

  /** Whether the attributes leave room for a prefix in a message. */
  boolean fits(PathAttributes attributes, Family family);

  void send(List<BgpMessage> messages);
}
