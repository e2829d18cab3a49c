package dev.manul.model;

/**
 * A condition in a resource's status, as Kubernetes writes them.
 *
 * @param type what the condition is about, such as {@code Allocatable}
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason one word in CamelCase
 * @param message one line for people
 * @param lastTransitionTime RFC 3339, or ""
 * @param observedGeneration the generation of the resource it speaks of, 0 when not said
 */
public record Condition(
    String type,
    String status,
    String reason,
    String message,
    String lastTransitionTime,
    long observedGeneration) {

  public Condition {
    type = Absent.text(type);
    status = Absent.text(status);
    reason = Absent.text(reason);
    message = Absent.text(message);
    lastTransitionTime = Absent.text(lastTransitionTime);
  }
}
