package dev.manul.netlink;

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
 */
public record LinkUpdate(
    Optional<Boolean> up,
    OptionalInt mtu,
    OptionalInt masterIndex,
    Optional<String> name,
    Optional<String> mac,
    Optional<NetworkNamespace> namespace) {

  /** Changes nothing; start from here. */
  public static final LinkUpdate NOTHING =
      new LinkUpdate(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public LinkUpdate {
    name.ifPresent(LinkNames::check);
  }

  public LinkUpdate withUp(boolean newUp) {
    return new LinkUpdate(Optional.of(newUp), mtu, masterIndex, name, mac, namespace);
  }

  public LinkUpdate withMtu(int newMtu) {
    return new LinkUpdate(up, OptionalInt.of(newMtu), masterIndex, name, mac, namespace);
  }

  public LinkUpdate withMaster(int newMasterIndex) {
    return new LinkUpdate(up, mtu, OptionalInt.of(newMasterIndex), name, mac, namespace);
  }

  public LinkUpdate withName(String newName) {
    return new LinkUpdate(up, mtu, masterIndex, Optional.of(newName), mac, namespace);
  }

  public LinkUpdate withMac(String newMac) {
    return new LinkUpdate(up, mtu, masterIndex, name, Optional.of(newMac), namespace);
  }

  public LinkUpdate withNamespace(NetworkNamespace newNamespace) {
    return new LinkUpdate(up, mtu, masterIndex, name, mac, Optional.of(newNamespace));
  }
}
