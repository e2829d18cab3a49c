package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.List;

/**
 * What a request for addresses was given. It may be less than was asked for; nothing is thrown for
 * that.
 *
 * @param assignments the addresses, IPv4 before IPv6, in the order they were taken
 * @param problems why there are not more: a line each, empty when the request was met in full
 */
public record AssignmentResult(List<Assignment> assignments, List<String> problems) {

  public AssignmentResult {
    assignments = List.copyOf(assignments);
    problems = List.copyOf(problems);
  }

  /**
   * One address.
   *
   * @param address the address
   * @param block the block it is of
   * @param pool the pool that holds the block
   * @param sequenceNumber the block's number at this allocation; a release that gives it cannot hit
   *     a later allocation of the same address
   * @param borrowed true when the block is not the node's own, so that the address needs a route of
   *     its own
   */
  public record Assignment(
      Address address, Prefix block, Prefix pool, long sequenceNumber, boolean borrowed) {}

  /** True when everything asked for was given. */
  public boolean complete() {
    return problems.isEmpty();
  }

  public List<Address> addresses() {
    return assignments.stream().map(Assignment::address).toList();
  }

  public List<Address> addresses(AddressFamily family) {
    return addresses().stream().filter(address -> address.family() == family).toList();
  }
}
