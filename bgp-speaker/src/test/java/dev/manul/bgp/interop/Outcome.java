package dev.manul.bgp.interop;

/** What was seen of a feature with a peer. */
sealed interface Outcome {

  /** It works, both sides have said so. */
  record Works() implements Outcome {}

  /**
   * The peer cannot do it.
   *
   * @param why what shows that
   */
  record Lacks(String why) implements Outcome {}

  /** It should work and does not. */
  record Fails(Throwable cause) implements Outcome {}

  /** Thrown by a check that has found out that the peer lacks the feature. */
  final class Lacking extends RuntimeException {
    private static final long serialVersionUID = 1;

    Lacking(String why) {
      super(why);
    }
  }
}
