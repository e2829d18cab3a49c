package dev.manul.policy.packets;

import dev.manul.policy.kernel.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same packets as in {@link PolicyPacketsIT}, between pods that are on a bridge, where what
 * goes from pod to pod is never routed. Each kind of bridge has its packet filter; {@code
 * -Dmanul.packets=all} takes both for both.
 */
class BridgedPacketsIT {

  private static Backend other(Backend backend) {
    return backend == Backend.NFT ? Backend.LEGACY : Backend.NFT;
  }

  private static boolean all() {
    return System.getProperty("manul.packets", "").equals("all");
  }

  private static Backend usual(Arrangement arrangement) {
    return arrangement == Arrangement.ON_PORTS ? Backend.LEGACY : Backend.NFT;
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ROUTED")
  void everyCaseGoesAsItSays(Arrangement arrangement) {
    PolicyPacketsIT.everyCaseGoesAsItSays(usual(arrangement), arrangement);
    if (all()) {
      PolicyPacketsIT.everyCaseGoesAsItSays(other(usual(arrangement)), arrangement);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ROUTED")
  void everyRecipeGoesAsItSays(Arrangement arrangement) {
    PolicyPacketsIT.everyRecipeGoesAsItSays(usual(arrangement), arrangement);
    if (all()) {
      PolicyPacketsIT.everyRecipeGoesAsItSays(other(usual(arrangement)), arrangement);
    }
  }

  /** Where ports are not known a pod could take the address of another on its bridge. */
  @Test
  void aPodSendsWithItsOwnAddressesOnlyWhereItsPortIsKnown() {
    for (Backend backend : Backend.values()) {
      PolicyPacketsIT.aPodSendsWithItsOwnAddressesOnly(backend, Arrangement.ON_PORTS);
    }
  }
}
