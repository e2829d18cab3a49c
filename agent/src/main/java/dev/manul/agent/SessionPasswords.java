package dev.manul.agent;

import dev.manul.model.BgpPassword;
import dev.manul.model.Key;
import dev.manul.model.Secret;
import dev.manul.model.SecretKeySelector;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Finds the passwords of sessions in Secrets, and remembers which Secrets it was asked for. A
 * session whose password cannot be had is not held at all: without one it would be open to anybody
 * who can reach the port.
 */
final class SessionPasswords {

  /** What RFC 2385's kernel interface takes. */
  private static final int MOST_OCTETS = 80;

  private final ClusterView view;
  private final Consumer<String> problems;
  private final Set<String> names = new TreeSet<>();

  /**
   * @param problems takes a line for each password that cannot be had
   */
  SessionPasswords(ClusterView view, Consumer<String> problems) {
    this.view = view;
    this.problems = problems;
  }

  /** The Secrets that were asked for, there or not. */
  Set<String> names() {
    return names;
  }

  /**
   * An answer.
   *
   * @param usable whether the session may be held
   * @param text the password; empty for a session without one
   */
  record Answer(boolean usable, Optional<String> text) {
    private static final Answer NONE_NEEDED = new Answer(true, Optional.empty());
    private static final Answer UNKNOWN = new Answer(false, Optional.empty());
  }

  /**
   * The password of some sessions.
   *
   * @param whose whose it is, for messages
   */
  Answer find(Optional<BgpPassword> password, String whose) {
    if (password.isEmpty() || password.get().secretKeyRef() == null) {
      return Answer.NONE_NEEDED;
    }
    SecretKeySelector selector = password.get().secretKeyRef();
    names.add(selector.name());
    ClusterView.SecretState state = view.onDemand().secrets().get(selector.name());
    if (state == null) {
      return Answer.UNKNOWN; // it has not been asked for yet
    }
    if (state.secret().isEmpty()) {
      return missing(selector, whose, "is not there", state.problem());
    }
    return read(selector, whose, state.secret().get());
  }

  private Answer read(SecretKeySelector selector, String whose, Secret secret) {
    Optional<String> text;
    try {
      text = secret.text(selector.key());
    } catch (IllegalArgumentException e) {
      return missing(
          selector, whose, "has no base64 under " + selector.key(), Optional.of(e.getMessage()));
    }
    if (text.isEmpty()) {
      return missing(selector, whose, "has no key " + selector.key(), Optional.empty());
    }
    int octets = text.get().getBytes(StandardCharsets.UTF_8).length;
    if (octets < 1 || octets > MOST_OCTETS) {
      problems.accept(
          "%s: the password in Secret %s has %d octets, allowed are 1 to %d; its sessions wait"
              .formatted(whose, name(selector), octets, MOST_OCTETS));
      return Answer.UNKNOWN;
    }
    return new Answer(true, text);
  }

  private Answer missing(
      SecretKeySelector selector, String whose, String what, Optional<String> why) {
    // A Secret that cannot be read may well be there.
    if (selector.optional() && why.isEmpty()) {
      return Answer.NONE_NEEDED;
    }
    problems.accept(
        "%s: Secret %s, which its password is in, %s%s; its sessions wait"
            .formatted(
                whose, name(selector), what, why.map(reason -> " (" + reason + ")").orElse("")));
    return Answer.UNKNOWN;
  }

  private String name(SecretKeySelector selector) {
    return new Key(view.onDemand().namespace(), selector.name()).toString();
  }
}
