package dev.manul.agent.trace;

import dev.manul.model.Address;

/**
 * The node at the other end, as the datastore has it.
 *
 * @param address of the family in question
 * @param asNumber its AS number, its own or the cluster's
 */
public record OtherNode(String name, Address address, long asNumber) {}
