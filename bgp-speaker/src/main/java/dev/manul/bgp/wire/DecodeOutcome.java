package dev.manul.bgp.wire;

import java.util.List;

/** What became of a message's bytes. */
public sealed interface DecodeOutcome {

  /**
   * The message, after RFC 7606 has been applied to its faults: announcements that must be treated
   * as withdrawn are among the withdrawn prefixes, discarded attributes are absent.
   *
   * @param messages one message; none for what says nothing to us; several for an UPDATE of both
   *     families
   * @param faults what was wrong, each to be counted and logged; a {@link
   *     FaultAction#DISABLE_FAMILY} is for the session to act on
   */
  record Decoded(List<BgpMessage> messages, List<AttributeFault> faults) implements DecodeOutcome {
    public Decoded {
      messages = List.copyOf(messages);
      faults = List.copyOf(faults);
    }
  }

  /**
   * The session cannot go on.
   *
   * @param notification what to send before closing
   * @param reason one line for people
   */
  record Reset(BgpMessage.Notification notification, String reason) implements DecodeOutcome {}
}
