package dev.manul.agent.trace;

import dev.manul.netlink.Link;
import java.util.Optional;

/**
 * A pod of this node.
 *
 * @param device the name of its link on the host
 * @param link that link; empty when it is not there
 * @param inside what is in the pod
 */
record PodEnd(String device, Optional<Link> link, PodSight inside) {}
