package dev.manul.cni.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.manul.cni.host.HostProgram.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The program's reading of JSON against Jackson's, on texts with random damage. */
class HostJsonIT {

  private static final long SEED = 20261121;
  private static final int TEXTS = 40_000;
  private static final String BITS = "{}[]\",:\\u0019eE+-. \ttruefalsn/\u0001\"cniVersion\"";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final List<String> WHOLE =
      List.of(
          "{\"cniVersion\":\"1.0.0\",\"name\":\"k8s\",\"mtu\":1440,\"ipam\":{\"type\":\"x\"}}",
          "{\"a\":[true,false,null,-0.5e+7,\"\\u00e9\\n\"],\"cniVersion\":\"0.4.0\"}",
          " { \"cniVersion\" : \"1.1.0\" , \"x\" : { \"cniVersion\" : \"2\" } , \"y\" : [ [ ] ] } ",
          "[0,10,1.5,\"cniVersion\",{\"cniVersion\":\"3\"}]",
          "\"text\"");

  @Test
  void whatIsJsonAndItsVersionIsAsJacksonSees() throws IOException, InterruptedException {
    List<Path> sources =
        List.of(
            Path.of("src/test/c/json-texts.c").toAbsolutePath(), HostProgram.sources().getLast());
    Path program = HostProgram.compiled("json-texts", sources, List.of());
    var random = new Random(SEED);
    List<String> texts = new ArrayList<>(WHOLE);
    while (texts.size() < TEXTS) {
      texts.add(damaged(WHOLE.get(random.nextInt(WHOLE.size())), random));
    }
    var input = new ByteArrayOutputStream();
    texts.forEach(text -> input.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8)));

    Outcome outcome = HostProgram.run(List.of(program.toString()), Map.of(), input.toByteArray());

    assertThat(outcome.status()).as(outcome.err()).isZero();
    List<String> verdicts = outcome.out().lines().toList();
    assertThat(verdicts).hasSameSizeAs(texts);
    int valid = 0;
    for (int i = 0; i < texts.size(); i++) {
      String expected = verdict(texts.get(i));
      if (expected.equals("false")) {
        assertThat(verdicts.get(i)).as("seed %d: %s", SEED, texts.get(i)).startsWith("false ");
      } else {
        assertThat(verdicts.get(i)).as("seed %d: %s", SEED, texts.get(i)).isEqualTo(expected);
        valid++;
      }
    }
    assertThat(valid).isBetween(TEXTS / 20, TEXTS - TEXTS / 20);
  }

  /** A text with up to three bytes or words put in, taken out or put twice. */
  private static String damaged(String text, Random random) {
    var result = new StringBuilder(text);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(result.length());
      switch (random.nextInt(3)) {
        case 0 -> result.insert(at, BITS.charAt(random.nextInt(BITS.length())));
        case 1 -> result.deleteCharAt(at);
        default -> result.insert(at, result.substring(at, Math.min(at + 5, result.length())));
      }
      if (result.isEmpty()) {
        return "";
      }
    }
    return result.toString();
  }

  private static String verdict(String text) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return "false";
    }
    if (node.isMissingNode()) { // nothing but blanks
      return "false";
    }
    JsonNode version = node.path("cniVersion");
    boolean plain = version.isTextual() && version.asText().matches("[0-9.]{1,31}");
    return "true " + (plain ? version.asText() : "-");
  }
}
