package dev.manul.model;

/**
 * The TCP MD5 password of BGP sessions.
 *
 * @param secretKeyRef where it is kept; null only in a document that has not been validated
 */
public record BgpPassword(SecretKeySelector secretKeyRef) {}
