package dev.manul.agent.trace;

import dev.manul.model.Address;
import dev.manul.model.NodeTrace;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.explanation.Flow;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Tries the way: an echo request, or a connection, from within the sending pod. */
final class Probe {

  private static final int LIMIT_MILLIS = 1000;

  private Probe() {}

  /** Waits a second at most. */
  static Hop run(NetworkNamespace pod, Flow flow) {
    try {
      return switch (flow.protocol()) {
        case Flow.ICMP, Flow.ICMPV6 -> pod.call(() -> echo(flow.destination()));
        case Flow.TCP -> pod.call(() -> connect(flow.destination(), flow.destinationPort()));
        default ->
            hop(NodeTrace.UNSEEN, "of this protocol nothing can be sent that must be answered");
      };
    } catch (NetlinkException e) {
      return hop(NodeTrace.UNSEEN, "could not be made: " + e.getMessage());
    }
  }

  private static Hop echo(Address destination) throws IOException {
    long began = System.nanoTime();
    boolean answered = InetAddress.getByAddress(destination.toBytes()).isReachable(LIMIT_MILLIS);
    return answered
        ? hop(NodeTrace.OK, "an echo request from the pod was answered" + within(began))
        : hop(NodeTrace.BROKEN, "an echo request from the pod was not answered within 1 s");
  }

  /** A refusal is an answer of the other end, too. */
  private static Hop connect(Address destination, int port) {
    long began = System.nanoTime();
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getByAddress(destination.toBytes()), port),
          LIMIT_MILLIS);
      return hop(NodeTrace.OK, "a connection from the pod was accepted" + within(began));
    } catch (ConnectException e) {
      return hop(
          NodeTrace.OK, "a connection from the pod was answered and refused" + within(began));
    } catch (IOException e) {
      return hop(NodeTrace.BROKEN, "a connection from the pod failed: " + e.getMessage());
    }
  }

  private static String within(long began) {
    return " within %.1f ms".formatted((System.nanoTime() - began) / 1e6);
  }

  private static Hop hop(String status, String summary) {
    return new Hop("probe", NodeTrace.THERE, status, summary, 0);
  }
}
