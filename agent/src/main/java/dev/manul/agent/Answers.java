package dev.manul.agent;

import dev.manul.model.AgentStatus;

/** What an agent answers about itself; from any thread. */
interface Answers {

  /** All of it; may wait for the agent's threads. */
  AgentStatus status();

  /** Whether pods may be sent here, and what stands against it; at once. */
  StatusServer.Probe readiness();

  /** Whether the process is worth keeping; at once. */
  StatusServer.Probe liveness();

  /** Policy on this node. */
  PolicyService policy();
}
