package dev.manul.policy.translation;

import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with one resource. */
final class Problems {

  private final String resource;
  private final List<String> lines = new ArrayList<>();

  Problems(Resource resource) {
    this.resource = resource.kind() + " " + resource.key() + ": ";
  }

  void add(String field, String why) {
    lines.add(resource + field + ": " + why);
  }

  List<String> lines() {
    return lines;
  }
}
