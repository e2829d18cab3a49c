package dev.manul.bgp.wire;

import java.util.Optional;

/**
 * A fault in an UPDATE that does not end the session.
 *
 * @param type the attribute type, or 0 when the fault is not in one attribute
 * @param family the family to disable; empty for other actions
 * @param reason one line for people
 */
public record AttributeFault(
    int type, FaultAction action, Optional<Family> family, String reason) {}
