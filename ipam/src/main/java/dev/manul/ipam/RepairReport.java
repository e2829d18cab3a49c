package dev.manul.ipam;

import dev.manul.model.Address;
import java.util.List;

/**
 * What a repair did, and what it found wrong afterwards.
 *
 * @param released addresses that nothing used, and that are free now
 * @param adopted addresses that were used without an allocation, and have one now
 * @param repairs a line for each block, affinity or handle that was put right
 * @param left what is still wrong
 */
public record RepairReport(
    List<Address> released,
    List<Address> adopted,
    List<String> repairs,
    List<CheckReport.Problem> left) {

  public RepairReport {
    released = List.copyOf(released);
    adopted = List.copyOf(adopted);
    repairs = List.copyOf(repairs);
    left = List.copyOf(left);
  }
}
