/**
 * Policies, endpoints and address collections of every kind in one form, so that whatever decides
 * about packets (calculation, rendering, explanation, the oracle of the tests) knows one grammar
 * only. Everything here is immutable; names of Kubernetes and Calico kinds occur in {@link
 * dev.manul.policy.meaning.PolicyId.Type} alone.
 */
package dev.manul.policy.meaning;
