package dev.manul.cni;

/**
 * Which link of which container.
 *
 * @param containerId the container's id, as the runtime gave it
 * @param ifname the link's name inside the container
 */
record AttachmentKey(String containerId, String ifname) {

  /** The name of the file that tells of it, without its ending. */
  String fileName() {
    return containerId + "-" + ifname;
  }

  @Override
  public String toString() {
    return containerId + "/" + ifname;
  }
}
