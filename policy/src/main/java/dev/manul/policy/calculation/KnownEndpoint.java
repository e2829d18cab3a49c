package dev.manul.policy.calculation;

import dev.manul.model.Prefix;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.NamedPort;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** What is kept of an endpoint anywhere: addresses and ports, and labels as an index has them. */
final class KnownEndpoint extends Indexed {

  private static final NamedPort[] NO_PORTS = {};
  private static final int FEW = 8;

  private Prefix[] addresses = {};
  private NamedPort[] ports = NO_PORTS;

  Prefix[] addresses() {
    return addresses;
  }

  NamedPort[] ports() {
    return ports;
  }

  /**
   * Takes addresses and ports.
   *
   * @return whether they are others than before
   */
  boolean take(Endpoint endpoint) {
    boolean samePorts =
        endpoint.ports().size() == ports.length && endpoint.ports().equals(Arrays.asList(ports));
    boolean sameAddresses =
        endpoint.addresses().size() == addresses.length
            && endpoint.addresses().containsAll(Arrays.asList(addresses));
    if (!samePorts) {
      ports = endpoint.ports().isEmpty() ? NO_PORTS : endpoint.ports().toArray(NamedPort[]::new);
    }
    if (!sameAddresses) {
      addresses = endpoint.addresses().toArray(Prefix[]::new);
      Arrays.sort(addresses);
    }
    return !samePorts || !sameAddresses;
  }

  /** Whether it calls a port so. */
  boolean calls(String name, int protocol, int number) {
    for (NamedPort port : ports) {
      if (port.port() == number && port.protocol() == protocol && port.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The addresses in one list that are not in another. */
  static Prefix[] minus(Prefix[] all, Prefix[] without) {
    if (without.length == 0 || all.length == 0) {
      return all;
    }
    var excluded =
        without.length <= FEW ? Arrays.asList(without) : new HashSet<>(Arrays.asList(without));
    return Arrays.stream(all).filter(prefix -> !excluded.contains(prefix)).toArray(Prefix[]::new);
  }

  /** Members for a port that an endpoint of these addresses and ports calls by a name. */
  static Set<Member> named(Prefix[] addresses, NamedPort[] ports, SetId.Named id) {
    Set<Member> members = LinkedHashSet.newLinkedHashSet(addresses.length);
    for (NamedPort port : ports) {
      if (port.protocol() == id.protocol() && port.name().equals(id.port())) {
        for (Prefix prefix : addresses) {
          members.add(new Member.Port(prefix.address(), port.protocol(), port.port()));
        }
      }
    }
    return members;
  }
}
