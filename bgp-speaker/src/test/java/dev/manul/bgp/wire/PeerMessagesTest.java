package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Messages of the daemons of the interop matrix, recorded when its table was last written: each is
 * read without a fault, and written again as it was.
 */
class PeerMessagesTest {
  private static final List<String> LINES = load();

  private static List<String> load() {
    try (InputStream in = PeerMessagesTest.class.getResourceAsStream("peers.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> lines() {
    return LINES;
  }

  @ParameterizedTest
  @MethodSource("lines")
  void isReadAndWrittenAgainOctetForOctet(String line) {
    String[] words = line.split(" ", -1);
    Set<String> agreements = Set.of(words[3].split(","));
    DecodeContext context =
        new DecodeContext(
            words[1].equals("as4"),
            words[2].equals("external"),
            Wire.BOTH,
            families(agreements, "add-path:"),
            families(agreements, "extended-next-hop:"),
            agreements.contains("extended-messages"));
    RoundTrip.check(HexFormat.of().parseHex(words[4]), context);
  }

  private static Set<Family> families(Set<String> agreements, String kind) {
    return Wire.BOTH.stream()
        .filter(family -> agreements.contains(kind + family))
        .collect(Collectors.toSet());
  }

  @Test
  void everyProductAndEveryKindOfMessageIsThere() {
    Set<String> products = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    for (String line : LINES) {
      String[] words = line.split(" ", -1);
      products.add(words[0].replace("NEW_", ""));
      kinds.add(words[4].substring(36, 38));
    }
    assertThat(products).contains("BIRD_2", "BIRD_3", "FRR", "GOBGP", "OPENBGPD", "EXABGP");
    assertThat(kinds).containsExactlyInAnyOrder("01", "02", "03", "04", "05");
    assertThat(LINES).anyMatch(line -> line.contains(" add-path:ipv4-unicast"));
    assertThat(LINES).anyMatch(line -> line.contains("extended-next-hop:ipv4-unicast "));
  }
}
