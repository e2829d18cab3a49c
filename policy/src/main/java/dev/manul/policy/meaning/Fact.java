package dev.manul.policy.meaning;

import java.util.Set;

/** One thing that is so from now on; a later fact about the same thing replaces an earlier one. */
public sealed interface Fact {

  /** A policy is there, as it says. */
  record PolicyIs(Policy policy) implements Fact {}

  /** There is no such policy. */
  record PolicyGone(PolicyId id) implements Fact {}

  /** A tier is there. */
  record TierIs(Tier tier) implements Fact {}

  /** There is no such tier; its policies are not asked. */
  record TierGone(String name) implements Fact {}

  /** A profile is there. */
  record ProfileIs(Profile profile) implements Fact {}

  /** There is no such profile; whoever names it gets no labels and no rules of it. */
  record ProfileGone(String name) implements Fact {}

  /** An endpoint or network set is there. */
  record EndpointIs(Endpoint endpoint) implements Fact {}

  /** There is no such endpoint or network set. */
  record EndpointGone(EndpointId id) implements Fact {}

  /** A service has these endpoints. */
  record ServiceIs(ServiceId id, Set<ServiceAddress> addresses) implements Fact {
    public ServiceIs {
      addresses = Set.copyOf(addresses);
    }
  }

  /** There is no such service. */
  record ServiceGone(ServiceId id) implements Fact {}
}
