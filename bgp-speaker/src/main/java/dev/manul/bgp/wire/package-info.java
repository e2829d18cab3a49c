/**
 * BGP messages as values, and the codec between them and bytes (RFC 4271, 4760, 5492, 6793, 7606).
 *
 * <p>Records here are immutable and hold no buffers. The codec is pure: it reads a message with the
 * negotiated {@code DecodeContext} and returns a value or the error handling that RFC 7606 asks
 * for; it never throws for bad input.
 */
package dev.manul.bgp.wire;
