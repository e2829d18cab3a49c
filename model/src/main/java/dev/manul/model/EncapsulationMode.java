package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** When packets between nodes are carried inside packets of the nodes themselves. */
public enum EncapsulationMode {
  /** Never: the network between the nodes must know where the pods are. */
  NEVER("Never"),
  /** Always, whether or not the nodes share a subnet. */
  ALWAYS("Always"),
  /** Only between nodes of different subnets. */
  CROSS_SUBNET("CrossSubnet");

  private final String text;

  EncapsulationMode(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
