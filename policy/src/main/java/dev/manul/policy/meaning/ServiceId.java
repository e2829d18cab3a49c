package dev.manul.policy.meaning;

/** Which Kubernetes service. */
public record ServiceId(String namespace, String name) {}
