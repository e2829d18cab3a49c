package dev.manul.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The manifests' source: YAML with places such as {@code @image@}, which become a value in the
 * static manifest and an expression in the Helm chart. Values and expressions have one source too,
 * the chart's {@code values.yaml}.
 */
final class Template {

  private static final ObjectMapper YAML = new YAMLMapper();
  private static final Pattern PLACE = Pattern.compile("@([a-zA-Z]+)@");

  /** Places that stand for one value, by the value's path. */
  private static final Map<String, String> VALUES =
      Map.of(
          "pullPolicy", "image.pullPolicy",
          "mtu", "mtu",
          "ip", "ip",
          "detection", "ipAutodetectionMethod",
          "ipip", "pool.ipip",
          "vxlan", "pool.vxlan",
          "udp", "pool.udp",
          "logSeverity", "logSeverity");

  private Template() {}

  /** A file of the source, as it is. */
  static String source(String name) {
    try (InputStream in = Template.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no file " + name + " beside " + Template.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  /** The file with the default values. */
  static String plain(String name) {
    JsonNode values = values();
    Map<String, String> places = new LinkedHashMap<>();
    VALUES.forEach((place, path) -> places.put(place, at(values, path).asText()));
    places.put("namespace", "kube-system");
    places.put(
        "image", at(values, "image.repository").asText() + ":" + at(values, "image.tag").asText());
    places.put(
        "cidr",
        """
        # - name: CALICO_IPV4POOL_CIDR
        #   value: "192.168.0.0/16"
        """
            .indent(12));
    places.put("resources", YamlText.of(at(values, "resources")).indent(12));
    places.put("extraEnv", "");
    return filled(name, places);
  }

  /** The file as a template of the Helm chart. */
  static String helm(String name) {
    Map<String, String> places = new LinkedHashMap<>();
    VALUES.forEach((place, path) -> places.put(place, "{{ .Values." + path + " }}"));
    places.put("namespace", "{{ .Release.Namespace }}");
    places.put("image", "\"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"");
    places.put(
        "cidr",
        """
        {{- with .Values.pool.cidr }}
        - name: CALICO_IPV4POOL_CIDR
          value: "{{ . }}"
        {{- end }}
        """
            .indent(12));
    places.put("resources", "{{ toYaml .Values.resources | indent 12 }}\n");
    places.put(
        "extraEnv",
        """
        {{- with .Values.extraEnv }}
        {{ toYaml . | indent 12 }}
        {{- end }}
        """);
    return filled(name, places);
  }

  private static JsonNode values() {
    try {
      return YAML.readTree(source("values.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException("values.yaml cannot be read", e);
    }
  }

  private static JsonNode at(JsonNode values, String path) {
    JsonNode found = values.at("/" + path.replace('.', '/'));
    if (found.isMissingNode()) {
      throw new IllegalStateException("values.yaml has no " + path);
    }
    return found;
  }

  /** A place that is alone on its line takes the line whole. */
  private static String filled(String name, Map<String, String> places) {
    StringBuilder out = new StringBuilder();
    for (String line : source(name).split("\n", -1)) {
      Matcher alone = PLACE.matcher(line);
      if (alone.matches()) {
        out.append(value(name, places, alone.group(1)));
      } else {
        out.append(
            alone.replaceAll(
                place -> Matcher.quoteReplacement(value(name, places, place.group(1)))));
        out.append('\n');
      }
    }
    return out.toString().stripTrailing() + "\n";
  }

  private static String value(String name, Map<String, String> places, String place) {
    String value = places.get(place);
    if (value == null) {
      throw new IllegalStateException(name + ": @" + place + "@ stands for nothing");
    }
    return value;
  }
}
