package dev.manul.policy.rendering;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;

/** What a chain comes from. */
sealed interface ChainSource {

  /** A policy's rules. */
  record OfPolicy(PolicyId id, Direction direction) implements ChainSource {}

  /** A profile's rules. */
  record OfProfile(String name, Direction direction) implements ChainSource {}

  /** What is asked about packets of a pod. */
  record OfPod(EndpointId id, Direction direction) implements ChainSource {}

  /** What is asked about packets of a host. */
  record OfHost(EndpointId id, Direction direction) implements ChainSource {}

  /** What is asked about packets that a host forwards. */
  record OfForwarding(EndpointId id, Direction direction) implements ChainSource {}
}
