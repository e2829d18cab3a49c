package dev.manul.cli;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A way to an agent. */
interface AgentLine {

  /** Where the agent answers, as messages call it: {@code on /var/run/manul/agent.sock}. */
  String place();

  /** What is to be thought of where there is no answer, or "". */
  String advice();

  /**
   * Sends a request.
   *
   * @param request in ASCII
   * @param limit how long each next part of the answer may take
   * @return the answer as it comes; it is closed by the caller
   */
  InputStream ask(String request, Duration limit) throws IOException;
}
