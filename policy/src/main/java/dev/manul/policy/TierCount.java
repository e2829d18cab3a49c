package dev.manul.policy;

import dev.manul.policy.meaning.Direction;

/**
 * How many packets have come to the end of a tier whose policies were asked about them and none of
 * which decided, and were dropped there; all endpoints of this node and both families together.
 */
public record TierCount(String tier, Direction direction, long denied) {}
