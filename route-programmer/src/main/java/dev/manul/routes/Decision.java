package dev.manul.routes;

import dev.manul.netlink.Route;
import java.util.Optional;

/** What is to be done about one prefix. */
public sealed interface Decision {

  /** The route that is wanted; empty when there is to be none, or none but what there is. */
  Optional<Route> wanted();

  /** What is worth saying about it. */
  Optional<RouteIssue> issue();

  /**
   * The kernel is to have a route.
   *
   * @param route the route
   * @param issue a doubt about it, if there is one
   */
  record Install(Route route, Optional<RouteIssue> issue) implements Decision {

    Install(Route route) {
      this(route, Optional.empty());
    }

    @Override
    public Optional<Route> wanted() {
      return Optional.of(route);
    }
  }

  /**
   * The kernel is to have no route, at least not this one.
   *
   * @param why the reason
   */
  record Skip(RouteIssue why) implements Decision {

    @Override
    public Optional<Route> wanted() {
      return Optional.empty();
    }

    @Override
    public Optional<RouteIssue> issue() {
      return Optional.of(why);
    }
  }

  /**
   * The way the prefix is to have is not ready yet: the route that it has stays until then, if its
   * links are still there. So no traffic is lost while nodes change one after another.
   *
   * @param why what is waited for
   * @param wanted the route that the prefix gets when it has none that could stay
   */
  record Wait(RouteIssue why, Optional<Route> wanted) implements Decision {

    @Override
    public Optional<RouteIssue> issue() {
      return Optional.of(why);
    }
  }
}
