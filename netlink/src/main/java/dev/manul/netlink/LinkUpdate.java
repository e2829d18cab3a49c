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
 * @param promiscuous whether it takes in packets for everybody (IFF_PROMISC)
 * @param hairpin of a port of a bridge: whether what comes in by it may leave by it; the port must
 *     have joined the bridge by an earlier message
 */
public record LinkUpdate(
    Optional<Boolean> up,
    OptionalInt mtu,
    OptionalInt masterIndex,
    Optional<String> name,
    Optional<String> mac,
    Optional<NetworkNamespace> namespace,
    Map<Ipv4Setting, Integer> ipv4,
    Optional<Boolean> promiscuous,
    Optional<Boolean> hairpin) {

  /** Changes nothing; start from here. */
  public static final LinkUpdate NOTHING =
      new LinkUpdate(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty());

  public LinkUpdate {
    name.ifPresent(LinkNames::check);
    Mac.check(mac);
    ipv4 = Map.copyOf(ipv4);
  }

  public LinkUpdate withUp(boolean newUp) {
    return new LinkUpdate(
        Optional.of(newUp), mtu, masterIndex, name, mac, namespace, ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withMtu(int newMtu) {
    return new LinkUpdate(
        up, OptionalInt.of(newMtu), masterIndex, name, mac, namespace, ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withMaster(int newMasterIndex) {
    return new LinkUpdate(
        up, mtu, OptionalInt.of(newMasterIndex), name, mac, namespace, ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withName(String newName) {
    return new LinkUpdate(
        up, mtu, masterIndex, Optional.of(newName), mac, namespace, ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withMac(String newMac) {
    return new LinkUpdate(
        up, mtu, masterIndex, name, Optional.of(newMac), namespace, ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withNamespace(NetworkNamespace newNamespace) {
    return new LinkUpdate(
        up, mtu, masterIndex, name, mac, Optional.of(newNamespace), ipv4, promiscuous, hairpin);
  }

  public LinkUpdate withPromiscuous(boolean everybodys) {
    return new LinkUpdate(
        up, mtu, masterIndex, name, mac, namespace, ipv4, Optional.of(everybodys), hairpin);
  }

  public LinkUpdate withHairpin(boolean mayReturn) {
    return new LinkUpdate(
        up, mtu, masterIndex, name, mac, namespace, ipv4, promiscuous, Optional.of(mayReturn));
  }

  /** With a setting of IPv4; the link must be one that has IPv4. */
  public LinkUpdate withIpv4(Ipv4Setting setting, int value) {
    Map<Ipv4Setting, Integer> more = new EnumMap<>(Ipv4Setting.class);
    more.putAll(ipv4);
    more.put(setting, value);
    return new LinkUpdate(up, mtu, masterIndex, name, mac, namespace, more, promiscuous, hairpin);
  }
}
