package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.IpSet;

/** What sets of addresses are called in the kernel: at most 31 characters. */
public final class SetNames {

  /** The nodes' own addresses, from which tunnelled packets are taken. */
  public static final String TUNNEL_PEERS = "tunnel-peers";

  private static final int HASH_LENGTH = 25;

  private SetNames() {}

  /** The name without the family's prefix. */
  public static String label(SetId id) {
    return switch (id) {
      case SetId.Selected(var selector) -> "s" + hash(selector.toString());
      case SetId.Named(var selector, int protocol, String port) ->
          "n" + hash(protocol + " " + port + " " + selector);
      case SetId.Service(var service) -> "v" + hash(service.namespace() + "/" + service.name());
      case SetId.ServicePorts(var service) ->
          "w" + hash(service.namespace() + "/" + service.name());
    };
  }

  /** The whole name. */
  public static String name(String label, AddressFamily family) {
    return IpSet.prefix(family) + label;
  }

  private static String hash(String text) {
    return ChainNames.hashed(text).substring(0, HASH_LENGTH);
  }

  /** Whether members have a protocol and a port. */
  public static boolean hasPorts(SetId id) {
    return switch (id) {
      case SetId.Selected _, SetId.Service _ -> false;
      case SetId.Named _, SetId.ServicePorts _ -> true;
    };
  }
}
