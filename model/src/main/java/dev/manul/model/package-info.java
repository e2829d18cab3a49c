/**
 * What every part of Manul speaks: addresses, prefixes and the resources of {@code
 * projectcalico.org/v3}.
 *
 * <p>Everything here is an immutable value; nothing here does input or output.
 */
package dev.manul.model;
