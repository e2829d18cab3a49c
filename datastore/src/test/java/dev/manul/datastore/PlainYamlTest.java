package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.IPAMBlock;
import dev.manul.model.IntSequence;
import dev.manul.model.Metadata;
import dev.manul.model.OrdinalNumbers;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PlainYamlTest {
  private static final String[] WORDS = {
    "a",
    "spec",
    "10.0.0.0/26",
    "7",
    "-1",
    "true",
    "no",
    "~",
    "",
    "x y",
    "has(a) && b != 'c'",
    "0x1f",
    "fd00::1/64",
    "it's",
    "\"q\"",
    "null",
    "1.5",
    "a: b",
    "a #b",
    "[x]",
    "- a",
    "2024-01-01",
    "e:"
  };

  @Test
  void readsWhatTheWriterWrites() {
    Random random = new Random(4);
    int plain = 0;
    for (int i = 0; i < 3_000; i++) {
      Map<String, Object> tree = map(random, 4);
      if (tree.isEmpty()) {
        continue;
      }
      String yaml = YamlWriter.documents(List.of(tree).iterator());
      assertThat(YamlReader.read(yaml, "t").getFirst()).as(yaml).isEqualTo(tree);
      Optional<Map<String, Object>> read = PlainYaml.read(yaml);
      read.ifPresent(found -> assertThat(found).as(yaml).isEqualTo(tree));
      plain += read.isPresent() ? 1 : 0;
    }
    assertThat(plain).isGreaterThan(1_000);
  }

  @Test
  void agreesWithTheFullParserOrLeavesItTheText() {
    Random random = new Random(5);
    String alphabet = " \n:-#[]{},'\"\\ab1~&*!|>%@?.=\t";
    int plain = 0;
    for (int i = 0; i < 60_000; i++) {
      StringBuilder yaml =
          new StringBuilder(YamlWriter.documents(List.of(map(random, 3)).iterator()));
      for (int n = random.nextInt(4); n > 0 && !yaml.isEmpty(); n--) {
        int at = random.nextInt(yaml.length());
        String piece = "" + alphabet.charAt(random.nextInt(alphabet.length()));
        yaml.replace(at, at + random.nextInt(2), random.nextInt(4) == 0 ? "  " : piece);
      }
      String text = yaml.toString();
      Optional<Map<String, Object>> read = PlainYaml.read(text);
      if (read.isPresent()) {
        plain++;
        assertThat(readFully(text)).as(text).isEqualTo(List.of(read.get()));
      }
    }
    assertThat(plain).isGreaterThan(10_000);
  }

  private static List<Object> readFully(String text) {
    try {
      return YamlReader.read(text, "t");
    } catch (MalformedTextException e) {
      return List.of(e.getMessage());
    }
  }

  private static Map<String, Object> map(Random random, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int n = random.nextInt(5); n > 0; n--) {
      map.put(word(random) + n, value(random, depth - 1));
    }
    return map;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> (long) random.nextInt(1_000);
      case 1 -> random.nextBoolean();
      case 2 -> null;
      case 3, 4 -> word(random);
      case 5, 6 -> map(random, depth);
      default -> {
        List<Object> items = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          items.add(value(random, depth - 1));
        }
        yield items;
      }
    };
  }

  private static String word(Random random) {
    return WORDS[random.nextInt(WORDS.length)];
  }

  @Test
  void blocksAndHandWrittenPoolsArePlain() {
    IPAMBlock.Spec empty =
        IPAMBlock.Spec.empty(Prefix.parse("10.0.0.0/26"), Optional.of("host:n"), "", 1);
    IPAMBlock block =
        new IPAMBlock(
            Metadata.named("10-0-0-0-26").created("5a0d-1", "2026-01-01T00:00:00Z", "3"),
            new IPAMBlock.Spec(
                empty.cidr(),
                empty.affinity(),
                "2026-01-01T00:00:00Z",
                IntSequence.filled(64, IntSequence.NONE).with(0, 0),
                IntSequence.range(64).withoutFirst(1),
                List.of(IPAMBlock.Attribute.of("k8s-pod-network.0123", Map.of("pod", "p-1"))),
                2,
                OrdinalNumbers.EMPTY.with(0, 1),
                false,
                false));
    String yaml = ResourceText.toYaml(block);
    assertThat(PlainYaml.read(yaml)).isPresent();
    assertThat(ResourceText.parse(yaml, "f").getFirst().resource()).isEqualTo(block);
    assertThat(
            PlainYaml.read(
                """
                # the default pool
                apiVersion: projectcalico.org/v3
                kind: IPPool
                metadata:
                  name: default

                spec:
                    cidr: 10.244.0.0/16
                    nodeSelector: "has(x) && zone in {'a', 'b'}"
                    allowedUses: [Workload, Tunnel]
                """))
        .isPresent();
  }
}
