package dev.manul.agent;

import dev.manul.bgp.daemon.BgpApi;
import dev.manul.model.AgentStatus;
import java.util.Optional;

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

  /** What routes follow from and what is to be seen of them; empty in an agent that has none. */
  default Optional<RoutingSight> routing() {
    return Optional.empty();
  }

  /** What is to be said of BGP; empty in an agent that does not speak it. */
  default Optional<BgpApi> bgp() {
    return Optional.empty();
  }
}
