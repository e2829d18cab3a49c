package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.Locale;
import java.util.Optional;

/** Which of the kernel's two packet filters the {@code iptables} programs speak to. */
public enum Backend {
  /** nf_tables, behind the commands of iptables. */
  NFT,
  /** The older x_tables. */
  LEGACY;

  /**
   * Reads Calico's {@code iptablesBackend}: {@code Auto} (empty: to be found out), {@code NFT} or
   * {@code Legacy}, in any case.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Optional<Backend> parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto", "" -> Optional.empty();
      case "nft" -> Optional.of(NFT);
      case "legacy" -> Optional.of(LEGACY);
      default ->
          throw new IllegalArgumentException(
              "iptables backend \"" + text + "\" is none of Auto, NFT, Legacy");
    };
  }

  /** The program that reads a family's rules. */
  public String saveProgram(AddressFamily family) {
    return program(family) + "-save";
  }

  /** The program that writes them. */
  public String restoreProgram(AddressFamily family) {
    return program(family) + "-restore";
  }

  /** The program that lists and changes single rules. */
  public String program(AddressFamily family) {
    return (family == AddressFamily.IPV6 ? "ip6tables-" : "iptables-") + this;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
