package dev.manul.bgp.transport;

import io.netty.channel.ConnectTimeoutException;
import java.util.Locale;

/** Says in plain words why a connection has failed. */
final class ConnectionErrors {
  private ConnectionErrors() {}

  static String text(Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return "connection timed out";
    }
    String message = cause.getMessage();
    if (message == null) {
      return cause.getClass().getSimpleName();
    }
    String lower = message.toLowerCase(Locale.ROOT);
    for (String known :
        new String[] {
          "connection refused",
          "connection reset by peer",
          "connection timed out",
          "no route to host",
          "network is unreachable",
          "cannot assign requested address",
          "address already in use",
          "permission denied",
          "broken pipe"
        }) {
      if (lower.contains(known)) {
        return known;
      }
    }
    return message.lines().findFirst().orElse("");
  }
}
