package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage;
import java.util.List;

/** Where updates for a neighbour go. */
public interface Outlet {

  /** Whether more may be sent now. When not, {@link Rib#writable} is called later. */
  boolean writable();

  void send(List<BgpMessage> messages);
}
