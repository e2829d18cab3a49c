package dev.manul.bgp.filter;

import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.PathAttributes;
import java.util.List;

/** A change that a rule makes to a route it lets pass. */
public sealed interface Operation {

  /** The attributes after the change; the same object when nothing changes. */
  PathAttributes apply(PathAttributes attributes);

  /** Adds a community, standard or large. */
  record AddCommunity(Community community) implements Operation {
    @Override
    public PathAttributes apply(PathAttributes attributes) {
      return community.addTo(attributes);
    }
  }

  /**
   * Puts AS numbers before the path, so that the path then begins with them in the order given.
   * Towards an external neighbour this speaker's own number still comes before them.
   *
   * @param asNumbers 1 or more, each 1 to 4294967295
   */
  record PrependAsPath(List<Long> asNumbers) implements Operation {
    public PrependAsPath {
      asNumbers = List.copyOf(asNumbers);
      if (asNumbers.isEmpty()) {
        throw new IllegalArgumentException("nothing to prepend to the AS path");
      }
      for (long number : asNumbers) {
        if (number < 1 || number > 0xffff_ffffL) {
          throw new IllegalArgumentException(
              "AS number " + number + " to prepend is not within 1 to 4294967295");
        }
      }
    }

    @Override
    public PathAttributes apply(PathAttributes attributes) {
      AsPath path = attributes.asPath();
      for (int i = asNumbers.size() - 1; i >= 0; i--) {
        path = path.prepend(asNumbers.get(i));
      }
      return attributes.toBuilder().asPath(path).build();
    }
  }

  /**
   * Sets the priority of the route as the kernel has it, lower being preferred: LOCAL_PREF becomes
   * {@link RouteFilter#localPreference} of it.
   *
   * @param priority 1 to 2147483646
   */
  record SetPriority(int priority) implements Operation {
    public SetPriority {
      if (priority < 1 || priority == Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "priority " + priority + " is not within 1 to 2147483646");
      }
    }

    @Override
    public PathAttributes apply(PathAttributes attributes) {
      long wanted = RouteFilter.localPreference(priority);
      return attributes.localPreference().orElse(-1) == wanted
          ? attributes
          : attributes.toBuilder().localPreference(wanted).build();
    }
  }
}
