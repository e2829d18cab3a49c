package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import java.util.Arrays;
import java.util.List;

/** The versions of the CNI specification that are spoken, oldest first. */
enum CniVersion {
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  /** What a configuration without a version is taken for by the specification. */
  private static final String UNSAID = "0.1.0";

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  boolean atLeast(CniVersion other) {
    return compareTo(other) >= 0;
  }

  /**
   * The version of a configuration.
   *
   * @throws CniException when it is not among these
   */
  static CniVersion of(String text) {
    for (CniVersion version : values()) {
      if (version.text.equals(text)) {
        return version;
      }
    }
    throw new CniException(
        Code.INCOMPATIBLE_VERSION,
        "cniVersion \"" + (text.isEmpty() ? UNSAID : text) + "\" is not supported",
        "supported: " + String.join(", ", texts()));
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(CniVersion::text).toList();
  }

  /** The answer to VERSION. */
  static ObjectNode report(String asked) {
    ObjectNode report = Json.newObject();
    report.put("cniVersion", asked.isEmpty() ? V1_1_0.text : asked);
    ArrayNode supported = report.putArray("supportedVersions");
    texts().forEach(supported::add);
    return report;
  }
}
