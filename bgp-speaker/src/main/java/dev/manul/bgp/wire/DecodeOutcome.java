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
   * @param bytes the message as it came, for diagnosis; empty unless there are faults and {@link
   *     #with} has been called
   */
  record Decoded(List<BgpMessage> messages, List<AttributeFault> faults, Octets bytes)
      implements DecodeOutcome {
    public Decoded {
      messages = List.copyOf(messages);
      faults = List.copyOf(faults);
    }

    public Decoded(List<BgpMessage> messages, List<AttributeFault> faults) {
      this(messages, faults, Octets.EMPTY);
    }

    @Override
    public boolean faulty() {
      return !faults.isEmpty();
    }

    @Override
    public Decoded with(Octets message) {
      return new Decoded(messages, faults, message);
    }
  }

  /**
   * The session cannot go on.
   *
   * @param notification what to send before closing
   * @param reason one line for people
   * @param bytes the message as it came, for diagnosis; empty unless {@link #with} has been called
   */
  record Reset(BgpMessage.Notification notification, String reason, Octets bytes)
      implements DecodeOutcome {
    public Reset(BgpMessage.Notification notification, String reason) {
      this(notification, reason, Octets.EMPTY);
    }

    @Override
    public boolean faulty() {
      return true;
    }

    @Override
    public Reset with(Octets message) {
      return new Reset(notification, reason, message);
    }
  }

  /** Whether something was wrong with the message. */
  boolean faulty();

  /** The same with the bytes of the message, which the transport still has. */
  DecodeOutcome with(Octets message);
}
