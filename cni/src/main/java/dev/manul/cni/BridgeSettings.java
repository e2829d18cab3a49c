package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * That a network's pods are on a bridge of their node, as flannel and kindnet have it, and how; the
 * names are those of CNI's own plugin {@code bridge}.
 *
 * @param name the bridge, which is made if it is not there
 * @param hairpin whether a pod's packets may come back to it, as when it asks for a Service whose
 *     only pod it is
 * @param promiscuous whether the bridge takes in packets for everybody, which serves the same end
 */
record BridgeSettings(String name, boolean hairpin, boolean promiscuous) {

  private static final String ROUTED = "routed";
  private static final String BRIDGE = "bridge";
  private static final List<String> ATTACHMENTS = List.of(ROUTED, BRIDGE);
  private static final String USUAL_NAME = "cni0";

  /** What the kernel takes as a name (dev_valid_name), and iptables without quoting. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,15}");

  /** Empty for pods that have a route each. */
  static Optional<BridgeSettings> of(ObjectNode tree) {
    String attachment = Json.text(tree, "attachment");
    if (!attachment.isEmpty() && !ATTACHMENTS.contains(attachment)) {
      throw invalid(
          "attachment \"" + attachment + "\"; allowed: " + String.join(", ", ATTACHMENTS));
    }
    if (!attachment.equals(BRIDGE)) {
      return Optional.empty();
    }
    String name = Json.text(tree, "bridge");
    name = name.isEmpty() ? USUAL_NAME : name;
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw invalid(
          "bridge \"" + name + "\" is not a link's name: 1 to 15 letters, digits, '_', '.', '-'");
    }
    if (!Json.truth(tree, "isGateway").orElse(true)
        || !Json.truth(tree, "isDefaultGateway").orElse(true)) {
      throw invalid(
          "isGateway and isDefaultGateway cannot be false with attachment \"bridge\": the bridge is"
              + " the pods' gateway");
    }
    boolean hairpin = Json.truth(tree, "hairpinMode").orElse(false);
    boolean promiscuous = Json.truth(tree, "promiscMode").orElse(false);
    if (hairpin && promiscuous) {
      throw invalid("hairpinMode and promiscMode cannot both be true");
    }
    return Optional.of(new BridgeSettings(name, hairpin, promiscuous));
  }

  private static CniException invalid(String message) {
    return new CniException(Code.INVALID_CONFIGURATION, message);
  }
}
