package dev.manul.cni;

import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;

/**
 * The sources that a pod may send from besides its own addresses, by Calico's annotation {@code
 * cni.projectcalico.org/allowedSourcePrefixes}, a JSON list of prefixes.
 */
public final class AllowedSources {

  private AllowedSources() {}

  /**
   * What a pod's annotations allow; none when they say nothing about it.
   *
   * @throws CniException when the annotation cannot be read
   */
  public static List<Prefix> of(Map<String, String> annotations) {
    return new Annotations("pod", annotations)
        .read("allowedSourcePrefixes", Prefix::parse)
        .orElse(List.of());
  }
}
