package dev.manul.agent;

/**
 * The agent cannot start or go on. The message is one line: what is wrong, with which object, and
 * what to do.
 */
final class AgentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AgentException(String message) {
    super(message);
  }

  AgentException(String message, Throwable cause) {
    super(message, cause);
  }
}
