package dev.manul.netlink;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is to change about a link; what is empty stays as it is.
 *
 * @param up true to set it up, false to set it down
 * @param mtu its new MTU
 * @param masterIndex the bridge to join, 0 to leave it
 * @param name its new name; the link must be down on kernels before 6.2
 * @param mac its new hardware address
 * @param namespace the namespace to move to
 * @param ipv4 its settings of IPv4
 */
public record LinkUpdate(
    Optional<Boolean> up,
    OptionalInt mtu,
    OptionalInt masterIndex,
    Optional<String> name,
    Optional<String> mac,
    Optional<NetworkNamespace> namespace,
    Map<Ipv4Setting, Integer> ipv4) {

  /** Changes nothing; start from here. */
  public static final LinkUpdate NOTHING =
      new LinkUpdate(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of());

  public LinkUpdate {
    name.ifPresent(LinkNames::check);
    Mac.check(mac);
    ipv4 = Map.copyOf(ipv4);
  }

  public LinkUpdate withUp(boolean newUp) {
    return new LinkUpdate(Optional.of(newUp), mtu, masterIndex, name, mac, namespace, ipv4);
  }

  public LinkUpdate withMtu(int newMtu) {
    return new LinkUpdate(up, OptionalInt.of(newMtu), masterIndex, name, mac, namespace, ipv4);
  }

  public LinkUpdate withMaster(int newMasterIndex) {
    return new LinkUpdate(up, mtu, OptionalInt.of(newMasterIndex), name, mac, namespace, ipv4);
  }

  public LinkUpdate withName(String newName) {
    return new LinkUpdate(up, mtu, masterIndex, Optional.of(newName), mac, namespace, ipv4);
  }

  public LinkUpdate withMac(String newMac) {
    return new LinkUpdate(up, mtu, masterIndex, name, Optional.of(newMac), namespace, ipv4);
  }

  public LinkUpdate withNamespace(NetworkNamespace newNamespace) {
    return new LinkUpdate(up, mtu, masterIndex, name, mac, Optional.of(newNamespace), ipv4);
  }

  /** With a setting of IPv4; the link must be one that has IPv4. */
  public LinkUpdate withIpv4(Ipv4Setting setting, int value) {
    Map<Ipv4Setting, Integer> more = new EnumMap<>(Ipv4Setting.class);
    more.putAll(ipv4);
    more.put(setting, value);
    return new LinkUpdate(up, mtu, masterIndex, name, mac, namespace, more);
  }
}
