package dev.manul.policy;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;

/**
 * How many packets a policy has decided about since its rules last changed, both families together.
 * Those of connections that are established are not asked about, so these are about as many as
 * connections were begun. For a staged policy they say what would have been.
 *
 * @param unmatched of staged policies only: those that none of its rules matches
 */
public record PolicyCount(
    PolicyId policy,
    Direction direction,
    long allowed,
    long denied,
    long passed,
    long logged,
    long unmatched) {}
