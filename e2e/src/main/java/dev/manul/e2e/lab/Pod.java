package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A pod of a lab.
 *
 * @param name its name, in the namespace {@link #NAMESPACE}
 * @param node the node it runs on
 * @param address its IPv4 address
 */
public record Pod(String name, String node, String address) {

  static final String NAMESPACE = "lab";

  private static final int DEVICE_DIGITS = 11;

  /** The network namespace's name. */
  public String networkNamespace() {
    return networkNamespaceOf(name);
  }

  static String networkNamespaceOf(String pod) {
    return Fabric.PREFIX + "pod-" + pod;
  }

  /** The device on the node: {@code cali} and the start of SHA-1("namespace.pod"), as Calico's. */
  public String device() {
    return deviceOf(name);
  }

  static String deviceOf(String pod) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((NAMESPACE + "." + pod).getBytes(StandardCharsets.UTF_8));
      return "cali" + HexFormat.of().formatHex(hash).substring(0, DEVICE_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new LabException("this JVM has no SHA-1");
    }
  }
}
