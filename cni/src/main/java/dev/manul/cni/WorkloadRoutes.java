package dev.manul.cni;

import dev.manul.model.Prefix;
import java.util.Set;

/**
 * Is told which pods' addresses are behind which device of the node, before the CNI server puts the
 * routes into the kernel: whoever keeps the node's routes in order then wants them too. Calls come
 * from many threads, in order for each device, and must return quickly.
 */
public interface WorkloadRoutes {

  /** From now on these addresses, and no others, are behind the device. */
  void add(String device, Set<Prefix> addresses);

  /** The device is gone, or about to go. */
  void remove(String device);
}
