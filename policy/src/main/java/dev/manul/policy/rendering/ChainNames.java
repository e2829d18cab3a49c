package dev.manul.policy.rendering;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** What our chains are called. At most 28 characters, the kernel's limit. */
public final class ChainNames {

  static final String INPUT = "manul-INPUT";
  static final String FORWARD = "manul-FORWARD";
  static final String OUTPUT = "manul-OUTPUT";
  static final String PREROUTING = "manul-PREROUTING";
  static final String POSTROUTING = "manul-POSTROUTING";
  public static final String ALLOW = "manul-allow";
  public static final String PASS = "manul-pass";

  /** Empty; for what a staged policy would allow. */
  public static final String WOULD_ALLOW = "manul-would-allow";

  public static final String WOULD_DENY = "manul-would-deny";
  public static final String WOULD_PASS = "manul-would-pass";

  /** Empty; for what no rule of a staged policy matches. */
  public static final String WOULD_MISS = "manul-would-miss";

  static final String TO_HOST = "manul-wl-to-host";
  static final String SOURCES = "manul-rpf";
  static final String FROM_PODS = "manul-from-wl-dispatch";
  static final String TO_PODS = "manul-to-wl-dispatch";
  static final String BRIDGE_TO_HOST = "manul-br-to-host";
  static final String BRIDGED_TO_HOST = "manul-br-wl-to-host";
  static final String FROM_BRIDGED = "manul-from-br-dispatch";
  static final String TO_BRIDGED = "manul-to-br-dispatch";
  static final String FROM_HOST = "manul-from-hep";
  static final String TO_HOST_ENDPOINT = "manul-to-hep";
  static final String FROM_HOST_FORWARD = "manul-from-hep-forward";
  static final String TO_HOST_FORWARD = "manul-to-hep-forward";
  static final String FAILSAFE_IN = "manul-failsafe-in";
  static final String FAILSAFE_OUT = "manul-failsafe-out";

  /** What stands for an interface in the names of chains of a host endpoint that is about all. */
  private static final String ANY = "any-interface-at-all";

  private static final int LONGEST = 28;

  private ChainNames() {}

  /** The chain of a policy's rules in a direction. */
  public static String policy(PolicyId id, Direction direction) {
    return fit(direction == Direction.INGRESS ? "manul-pi-" : "manul-po-", id.toString());
  }

  /** The chain of a profile's rules in a direction. */
  public static String profile(String name, Direction direction) {
    return fit(direction == Direction.INGRESS ? "manul-pri-" : "manul-pro-", name);
  }

  /** The chain of packets to or from a pod. */
  public static String pod(String device, Direction direction) {
    return fit(direction == Direction.INGRESS ? "manul-tw-" : "manul-fw-", device);
  }

  /** The chain of packets that come into the host, or leave it, by an interface. */
  public static String host(String device, Direction direction) {
    return ofHost(direction == Direction.INGRESS ? "manul-fh-" : "manul-th-", device);
  }

  /** The chain of packets that are forwarded. */
  public static String forwarded(String device, Direction direction) {
    return ofHost(direction == Direction.INGRESS ? "manul-fhfw-" : "manul-thfw-", device);
  }

  /** A branch of the tree that finds a pod's chain by the interface. */
  static String branch(String prefix, Direction direction) {
    return fit(direction == Direction.INGRESS ? "manul-td-" : "manul-fd-", prefix);
  }

  private static String ofHost(String prefix, String device) {
    return device.equals("*")
        ? prefix + ANY.substring(0, Math.min(ANY.length(), LONGEST - prefix.length()))
        : fit(prefix, device);
  }

  private static String fit(String prefix, String name) {
    if (prefix.length() + name.length() <= LONGEST) {
      return prefix + name;
    }
    return prefix + "_" + hashed(name).substring(0, LONGEST - prefix.length() - 1);
  }

  /** SHA-256 in characters that names may have. */
  static String hashed(String text) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
