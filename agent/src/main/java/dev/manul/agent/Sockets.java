package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Between our addresses and the JDK's sockets. */
final class Sockets {

  private Sockets() {}

  static InetSocketAddress socketAddress(Address address, int port) {
    return new InetSocketAddress(inetAddress(address), port);
  }

  /** All addresses of a family. */
  static InetSocketAddress anyAddress(AddressFamily family, int port) {
    return socketAddress(Address.ofBytes(new byte[family.octets()]), port);
  }

  private static InetAddress inetAddress(Address address) {
    try {
      return InetAddress.getByAddress(address.toBytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(address + " has neither 4 nor 16 octets", e);
    }
  }

  /**
   * The source address that the kernel would use towards a host: a UDP socket is connected, which
   * sends nothing.
   */
  static Optional<Address> sourceTowards(String host) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(host), 80));
      Address source = Address.ofBytes(socket.getLocalAddress().getAddress());
      return source.isUnspecified() ? Optional.empty() : Optional.of(source);
    } catch (IOException | java.io.UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
