package dev.manul.agent;

import dev.manul.model.FelixConfiguration;
import dev.manul.netlink.Link;
import dev.manul.routes.Underlay;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Calico's setting {@code mtuIfacePattern}: which links' MTU counts for tunnels and pods. Where it
 * is not given, Manul takes the one link that has the node's address. Pure.
 *
 * @param links the links that count; empty for the node's own
 * @param problems one line with the setting and what is wrong with it, or none
 */
record LinkMtu(Optional<Pattern> links, List<String> problems) {

  private static final String VARIABLE = "FELIX_MTUIFACEPATTERN";

  /**
   * The setting in force.
   *
   * @param configuration what the cluster says for this node
   */
  static LinkMtu of(Optional<FelixConfiguration> configuration, Map<String, String> environment) {
    String given = environment.getOrDefault(VARIABLE, "");
    String text =
        given.isEmpty()
            ? configuration.flatMap(felix -> felix.spec().mtuIfacePattern()).orElse("")
            : given;
    if (text.isEmpty()) {
      return new LinkMtu(Optional.empty(), List.of());
    }
    try {
      return new LinkMtu(Optional.of(Pattern.compile(text)), List.of());
    } catch (PatternSyntaxException e) {
      String where = given.isEmpty() ? "FelixConfiguration: field spec.mtuIfacePattern" : VARIABLE;
      return new LinkMtu(
          Optional.empty(),
          List.of(
              "%s: got %s, allowed is a regular expression: %s"
                  .formatted(where, text, e.getDescription())));
    }
  }

  /** The least MTU of the links that count and are up; empty when it is the node's own link's. */
  OptionalInt least(Underlay underlay) {
    return links.isEmpty()
        ? OptionalInt.empty()
        : underlay.links().stream()
            .filter(link -> link.up() && links.get().matcher(link.name()).find())
            .mapToInt(Link::mtu)
            .min();
  }
}
