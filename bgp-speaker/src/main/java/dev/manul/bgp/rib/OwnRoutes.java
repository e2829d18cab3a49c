package dev.manul.bgp.rib;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.PathSelection;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The routes of this speaker's own. */
final class OwnRoutes {
  private final AttributeTable attributeSets;
  private final RouteTable routes;
  private final RibPeer local = RibPeer.local();
  private Map<Prefix, AttributeSet> originated = Map.of();

  /** Where they lead to, as far as filters may ask. */
  private final Map<Prefix, String> devices = new HashMap<>();

  OwnRoutes(AttributeTable attributeSets, RouteTable routes) {
    this.attributeSets = attributeSets;
    this.routes = routes;
  }

  /** Sets all of them. */
  void originate(List<OriginatedRoute> own, PathSelection selection) {
    Map<Prefix, AttributeSet> wanted = new HashMap<>();
    for (OriginatedRoute route : own) {
      AttributeSet set = attributeSets.intern(route.attributes(selection.defaultLocalPreference()));
      wanted.put(route.prefix(), set);
      if (originated.get(route.prefix()) != set) {
        routes.put(new Path(routes.add(route.prefix()), local, 0, set, set, Reason.BEST));
      }
    }
    for (Prefix prefix : originated.keySet()) {
      if (!wanted.containsKey(prefix)) {
        routes.remove(routes.prefixes().find(prefix), local, 0);
      }
    }
    originated = wanted;
    devices.clear();
    own.forEach(r -> r.interfaceName().ifPresent(name -> devices.put(r.prefix(), name)));
  }

  /** The device that one leads to, where known. */
  Optional<String> device(Prefix prefix) {
    return Optional.ofNullable(devices.get(prefix));
  }
}
