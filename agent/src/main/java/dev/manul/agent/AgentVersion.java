package dev.manul.agent;

/** The agent's version, as the build wrote it into the jar's manifest. */
final class AgentVersion {

  private AgentVersion() {}

  /** The version, or {@code development} when the agent runs from class files. */
  static String text() {
    String version = AgentVersion.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
