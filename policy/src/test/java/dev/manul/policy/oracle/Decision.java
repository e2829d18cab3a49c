package dev.manul.policy.oracle;

import java.util.List;

/**
 * What becomes of a packet, and why.
 *
 * @param by what decided, for people
 * @param logged the rules with action Log that it met, in order
 */
public record Decision(Verdict verdict, String by, List<String> logged) {

  /** What becomes of a packet. */
  public enum Verdict {
    ALLOW,
    DENY,
    /** Nobody decided; only at hooks of host endpoints other than the normal one. */
    UNDECIDED
  }

  public Decision {
    logged = List.copyOf(logged);
  }

  public boolean allowed() {
    return verdict == Verdict.ALLOW;
  }
}
