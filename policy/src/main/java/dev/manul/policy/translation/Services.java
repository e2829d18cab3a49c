package dev.manul.policy.translation;

import dev.manul.model.Address;
import dev.manul.model.EndpointSlice;
import dev.manul.model.RuleValues;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Services as what their endpoint slices have together. */
final class Services {

  /** Of a slice without ports only the addresses count; nobody is asked on it. */
  private static final EndpointSlice.Port NO_PORT = new EndpointSlice.Port("", "TCP", 0);

  private Services() {}

  static Translated of(ServiceId service, Collection<EndpointSlice> slices) {
    if (slices.isEmpty()) {
      return Translated.of(new Fact.ServiceGone(service));
    }
    Set<ServiceAddress> addresses = new HashSet<>();
    List<String> problems = new ArrayList<>();
    for (EndpointSlice slice : slices) {
      if (!slice.addressType().equals("FQDN")) {
        Problems of = new Problems(slice);
        add(slice, addresses, of);
        problems.addAll(of.lines());
      }
    }
    return new Translated(List.of(new Fact.ServiceIs(service, addresses)), problems);
  }

  private static void add(EndpointSlice slice, Set<ServiceAddress> into, Problems problems) {
    List<EndpointSlice.Port> ports = slice.ports().isEmpty() ? List.of(NO_PORT) : slice.ports();
    for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
      for (String text : endpoint.addresses()) {
        try {
          Address address = UnreadableException.read("endpoints", text, Address::parse);
          for (EndpointSlice.Port port : ports) {
            int protocol =
                UnreadableException.read("ports", port.protocol(), RuleValues::kubernetesProtocol);
            into.add(new ServiceAddress(address, protocol, port.port()));
          }
        } catch (UnreadableException e) {
          e.tell(problems);
        }
      }
    }
  }
}
