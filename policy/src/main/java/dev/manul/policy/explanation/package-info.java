/**
 * Says what becomes of a packet and why, from what the calculation gives out: plans, rules and the
 * members of sets. Changes nothing and asks no kernel.
 */
package dev.manul.policy.explanation;
