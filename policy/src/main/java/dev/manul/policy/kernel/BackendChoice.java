package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which packet filter the rest of the node uses, as Calico's {@code iptablesBackend: Auto} finds
 * out: where the kubelet has left its chains, else where there are more rules.
 *
 * @param backend the one to use; nf_tables when nothing tells them apart
 * @param marked those in which there is something of ours
 */
public record BackendChoice(Backend backend, Set<Backend> marked) {

  /** The kubelet makes them in the table mangle; the first says nothing else than this. */
  private static final Pattern KUBELET_CHAIN =
      Pattern.compile("^:KUBE-(IPTABLES-HINT|KUBELET-CANARY) ", Pattern.MULTILINE);

  /**
   * Looks at both.
   *
   * @throws RulesException when neither can be read
   */
  public static BackendChoice detect(Programs programs) {
    Optional<String> nft = saved(programs, Backend.NFT);
    Optional<String> legacy = saved(programs, Backend.LEGACY);
    if (nft.isEmpty() && legacy.isEmpty()) {
      throw new RulesException(
          "neither %s nor %s can read the packet filter"
              .formatted(
                  Backend.NFT.saveProgram(AddressFamily.IPV4),
                  Backend.LEGACY.saveProgram(AddressFamily.IPV4)));
    }
    Set<Backend> marked = EnumSet.noneOf(Backend.class);
    nft.filter(BackendChoice::isMarked).ifPresent(_ -> marked.add(Backend.NFT));
    legacy.filter(BackendChoice::isMarked).ifPresent(_ -> marked.add(Backend.LEGACY));
    return new BackendChoice(choose(nft, legacy), marked);
  }

  private static Backend choose(Optional<String> nft, Optional<String> legacy) {
    if (legacy.isEmpty() || nft.filter(KUBELET_CHAIN.asPredicate()).isPresent()) {
      return Backend.NFT;
    }
    if (nft.isEmpty() || KUBELET_CHAIN.matcher(legacy.get()).find()) {
      return Backend.LEGACY;
    }
    return othersRules(legacy.get()) > othersRules(nft.get()) ? Backend.LEGACY : Backend.NFT;
  }

  /** Read without naming a table, the older filter loads none that is not in use. */
  private static Optional<String> saved(Programs programs, Backend backend) {
    try {
      return Optional.of(programs.ok(List.of(backend.saveProgram(AddressFamily.IPV4)), ""));
    } catch (RulesException _) {
      return Optional.empty();
    }
  }

  private static boolean isMarked(String saved) {
    return saved.contains(RuleText.MARK) || saved.contains("\n:" + Chain.PREFIX);
  }

  private static long othersRules(String saved) {
    return saved
        .lines()
        .filter(line -> line.startsWith("-A ") && !line.contains(RuleText.MARK))
        .count();
  }
}
