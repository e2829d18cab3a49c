package dev.manul.agent;

/** Placeholder until the shared server lands. */
final class StatusServer implements AutoCloseable {
  StatusServer(AgentConfiguration configuration, Agent agent) {}

  String healthAddress() {
    return "";
  }

  @Override
  public void close() {}
}
