package dev.manul.bgp;

import dev.manul.model.Prefix;
import java.util.Optional;

/**
 * What is now the best learned path of a prefix.
 *
 * @param best empty when there is none any more, or when this speaker originates the prefix
 */
public record BestPathChange(Prefix prefix, Optional<BestPath> best) {}
