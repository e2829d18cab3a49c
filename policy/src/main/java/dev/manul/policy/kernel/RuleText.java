package dev.manul.policy.kernel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule of iptables: what it matches and what it does, in iptables's words.
 *
 * @param text such as {@code -o tunl0 -j MASQUERADE}, without the chain
 */
public record RuleText(String text) {

  /** What begins the comment of every rule of ours. */
  public static final String MARK = "manul:";

  private static final int HASH_LENGTH = 16;
  private static final Pattern TARGET = Pattern.compile("(?:^| )-[jg] (\\S+)");

  /**
   * What a rule is known by when it is read back: iptables prints a rule in words of its own, so
   * that its text says nothing. 96 bits of SHA-256 over chain and text.
   */
  public String hash(String chain) {
    byte[] digest = sha256().digest((chain + "\n" + text).getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, HASH_LENGTH);
  }

  /** The rule with its mark, as it is written. */
  public String marked(String chain) {
    return markedAs(hash(chain));
  }

  /** As {@link #marked(String)}, of a rule whose hash is known. */
  String markedAs(String hash) {
    return "-m comment --comment \"" + MARK + hash + "\" " + text;
  }

  /** Where it leads: a chain, or what the kernel does with a packet. */
  Optional<String> target() {
    Matcher target = TARGET.matcher(text);
    return target.find() ? Optional.of(target.group(1)) : Optional.empty();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
