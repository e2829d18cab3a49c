package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import java.util.List;

/** Results and errors as the CNI specification writes them, "Result types". */
final class CniResult {

  private CniResult() {}

  /** What ADD answers, in the words of the version that was asked for. */
  static ObjectNode ofAdd(NetworkConfiguration network, Attachment attachment) {
    CniVersion version = network.version();
    ObjectNode result = Json.newObject();
    result.put("cniVersion", version.text());
    ArrayNode interfaces = result.putArray("interfaces");
    attachment.port().ifPresent(port -> interfaces.addObject().put("name", port.settings().name()));
    link(interfaces.addObject(), version, attachment.device(), PodLink.HOST_MAC, attachment.mtu());
    link(
            interfaces.addObject(),
            version,
            attachment.key().ifname(),
            attachment.mac(),
            attachment.mtu())
        .put("sandbox", attachment.netns());
    ArrayNode addresses = result.putArray("ips");
    ArrayNode routes = result.putArray("routes");
    for (InterfaceAddress address : attachment.interfaceAddresses()) {
      boolean v4 = address.address().family() == AddressFamily.IPV4;
      String gateway = attachment.gateway(address.address().family()).text();
      ObjectNode item = addresses.addObject();
      if (!version.atLeast(CniVersion.V1_0_0)) {
        item.put("version", v4 ? "4" : "6");
      }
      item.put("interface", interfaces.size() - 1);
      item.put("address", address.toString());
      item.put("gateway", gateway);
      ObjectNode route = routes.addObject();
      route.put("dst", v4 ? "0.0.0.0/0" : "::/0");
      route.put("gw", gateway);
    }
    result.set("dns", network.dns());
    return result;
  }

  private static ObjectNode link(
      ObjectNode item, CniVersion version, String name, String mac, int mtu) {
    item.put("name", name);
    item.put("mac", mac);
    if (version.atLeast(CniVersion.V1_1_0)) {
      item.put("mtu", mtu);
    }
    return item;
  }

  /** The addresses that a result names, as texts with their lengths. */
  static List<String> addresses(ObjectNode result) {
    return Json.objects(result, "ips").stream().map(ip -> Json.text(ip, "address")).toList();
  }

  /** An error; its version is the latest when what was asked for cannot be spoken. */
  static ObjectNode error(String version, CniException problem) {
    boolean known = CniVersion.texts().contains(version);
    ObjectNode error = Json.newObject();
    error.put("cniVersion", known ? version : CniVersion.V1_1_0.text());
    error.put("code", problem.code().number());
    error.put("msg", problem.getMessage());
    if (!problem.details().isEmpty()) {
      error.put("details", problem.details());
    }
    return error;
  }
}
