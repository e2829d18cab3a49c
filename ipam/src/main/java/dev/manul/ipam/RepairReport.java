package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.List;
import java.util.Optional;

/**
 * What a repair did, and what it found wrong afterwards.
 *
 * @param released addresses that nothing used, and that are free now
 * @param adopted addresses that were used without an allocation, and have one now
 * @param repairs a line for each block, affinity, handle or allocation that was put right
 * @param displaced users of addresses that are others'
 * @param left what is still wrong
 */
public record RepairReport(
    List<Address> released,
    List<Address> adopted,
    List<String> repairs,
    List<Displaced> displaced,
    List<CheckReport.Problem> left) {

  public RepairReport {
    released = List.copyOf(released);
    adopted = List.copyOf(adopted);
    repairs = List.copyOf(repairs);
    displaced = List.copyOf(displaced);
    left = List.copyOf(left);
  }

  /**
   * One who uses an address that is another's, and cannot keep it.
   *
   * @param address the address
   * @param user who it is, such as {@code endpoint default/n1-k8s-web-eth0}
   * @param keeper whose the address is
   * @param fate what was done about it
   * @param reason why it is not gone, where that was tried
   */
  public record Displaced(
      Address address, String user, String keeper, Fate fate, Optional<String> reason) {}

  /** What becomes of one who cannot keep an address. */
  public enum Fate {
    /** It is gone. */
    REMOVED,
    /** It should have gone and has not. */
    NOT_REMOVED,
    /** Somebody has to end it. */
    NAMED,
    /** A node: its agent takes another address by itself. */
    HELPS_ITSELF
  }
}
