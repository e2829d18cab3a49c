package dev.manul.model;

/**
 * A prefix in a list of {@code {cidr}}.
 *
 * @param cidr the prefix; null only in a document that has not been validated
 */
public record CidrBlock(Prefix cidr) {}
