package dev.manul.policy.meaning;

/** What a rule does with a packet that it matches. */
public enum Action {
  /** The packet passes in this direction; nothing after it is asked. */
  ALLOW,
  /** The packet is dropped. */
  DENY,
  /** The packet is noted in the kernel's log, and the next rule is asked. */
  LOG,
  /**
   * The rest of this tier is skipped; the next tier, or the profiles, are asked. In a profile: the
   * next profile.
   */
  PASS
}
