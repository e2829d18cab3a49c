package dev.manul.agent.trace;

import dev.manul.netlink.RouteAnswer;

/** What is to be seen inside a pod. */
sealed interface PodSight {

  /**
   * Its link was found.
   *
   * @param link the name of the link that has the pod's address
   * @param answer what the pod's own routes do with the packet
   */
  record Seen(String link, boolean up, int mtu, RouteAnswer answer) implements PodSight {}

  /** Its namespace is there, and no link in it has the pod's address. */
  record Addressless() implements PodSight {}

  /**
   * It could not be looked into.
   *
   * @param why a clause
   */
  record Unseen(String why) implements PodSight {}
}
