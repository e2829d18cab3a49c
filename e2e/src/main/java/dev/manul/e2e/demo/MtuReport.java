package dev.manul.e2e.demo;

import dev.manul.e2e.JudgedReport;
import java.util.List;

/**
 * What became of large packets on a lab.
 *
 * @param verdict {@code pass} or {@code fail}
 * @param failures why it failed, a line each
 */
public record MtuReport(String verdict, List<String> failures, List<Finding> findings)
    implements JudgedReport {

  /**
   * One way of carrying packets between two pods, at one MTU of the nodes' links. The pods' own
   * links take 1500 octets, as if they were there before the encapsulation.
   *
   * @param way {@code direct}, {@code ipip}, {@code vxlan} or {@code udp}
   * @param device by which the packets leave the node
   * @param linkMtu the MTU of the nodes' links
   * @param deviceMtu the device's
   * @param answered whether a ping of 1,500 octets that must not be cut up was answered
   * @param reported the MTU that its sender was told instead; 0 if none
   * @param fitting whether a ping of as many octets as the device takes was answered
   * @param transferSeconds how long 4 MiB took over a TCP connection that was there before the link
   *     had this MTU
   */
  public record Finding(
      String way,
      String device,
      int linkMtu,
      int deviceMtu,
      boolean answered,
      int reported,
      boolean fitting,
      double transferSeconds) {}
}
