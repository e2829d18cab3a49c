package dev.manul.ipam;

import java.util.List;

/**
 * What a reclaim pass put right.
 *
 * @param repairs a line for each object that was changed
 */
public record ReclaimReport(List<String> repairs) {
  public ReclaimReport {
    repairs = List.copyOf(repairs);
  }
}
