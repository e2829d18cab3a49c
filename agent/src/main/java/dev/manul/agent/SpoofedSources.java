package dev.manul.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.manul.model.Prefix;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sources that a pod may send from besides its own addresses, by Calico's annotation {@code
 * cni.projectcalico.org/allowedSourcePrefixes}, a JSON list of prefixes.
 */
final class SpoofedSources {
  private static final Logger log = LoggerFactory.getLogger(SpoofedSources.class);

  private static final String ANNOTATION = "cni.projectcalico.org/allowedSourcePrefixes";

  private SpoofedSources() {}

  /** None when the annotation is not there or cannot be read: then nothing more is allowed. */
  static Set<Prefix> of(Map<String, String> annotations) {
    String text = annotations.get(ANNOTATION);
    if (text == null) {
      return Set.of();
    }
    try {
      Set<Prefix> prefixes = new HashSet<>();
      for (String prefix : Mapper.JSON.readValue(text, String[].class)) {
        prefixes.add(Prefix.parse(prefix));
      }
      return prefixes;
    } catch (JsonProcessingException | IllegalArgumentException e) {
      log.warn("event=annotation_unreadable name={} value={}", ANNOTATION, text);
      return Set.of();
    }
  }

  /** Made when it is first needed, which is seldom. */
  private static final class Mapper {
    private static final JsonMapper JSON = new JsonMapper();
  }
}
