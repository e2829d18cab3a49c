package dev.manul.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a rule asks of one end of a packet; all that is said must hold.
 *
 * @param nets one of these prefixes holds the address
 * @param selector the address is one of an endpoint or network set that this selects
 * @param namespaceSelector the endpoint or network set is in a namespace that this selects; {@code
 *     global()}: in none
 * @param services the address is one of the service's endpoints
 * @param ports one of these is the port: a number, a range such as {@code 80:90}, or the name of a
 *     port of the endpoint
 * @param notNets none of these prefixes holds the address
 * @param notSelector the address is none of those that this selects
 * @param notPorts none of these is the port
 * @param serviceAccounts the endpoint runs as one of these accounts
 * @param further fields that are not known here but stored, as in {@link PolicyRule}
 */
public record EntityRule(
    List<String> nets,
    String selector,
    String namespaceSelector,
    Optional<ServiceMatch> services,
    List<IntOrString> ports,
    List<String> notNets,
    String notSelector,
    List<IntOrString> notPorts,
    Optional<ServiceAccountMatch> serviceAccounts,
    Map<String, Object> further) {

  /** Asks nothing. */
  public static final EntityRule ANY =
      new EntityRule(null, null, null, Optional.empty(), null, null, null, null, Optional.empty());

  public EntityRule {
    nets = Absent.list(nets);
    selector = Absent.text(selector);
    namespaceSelector = Absent.text(namespaceSelector);
    services = Absent.optional(services);
    ports = Absent.list(ports);
    notNets = Absent.list(notNets);
    notSelector = Absent.text(notSelector);
    notPorts = Absent.list(notPorts);
    serviceAccounts = Absent.optional(serviceAccounts);
    further = Absent.map(further);
  }

  /** An end with known fields. */
  public EntityRule(
      List<String> nets,
      String selector,
      String namespaceSelector,
      Optional<ServiceMatch> services,
      List<IntOrString> ports,
      List<String> notNets,
      String notSelector,
      List<IntOrString> notPorts,
      Optional<ServiceAccountMatch> serviceAccounts) {
    this(
        nets,
        selector,
        namespaceSelector,
        services,
        ports,
        notNets,
        notSelector,
        notPorts,
        serviceAccounts,
        Map.of());
  }

  /**
   * A service.
   *
   * @param name its name
   * @param namespace where it is; "": the policy's own
   */
  public record ServiceMatch(String name, String namespace) {
    public ServiceMatch {
      name = Absent.text(name);
      namespace = Absent.text(namespace);
    }
  }

  /**
   * Service accounts, those that both conditions admit.
   *
   * @param names of accounts; none: any
   * @param selector asked of the accounts' labels
   */
  public record ServiceAccountMatch(List<String> names, String selector) {
    public ServiceAccountMatch {
      names = Absent.list(names);
      selector = Absent.text(selector);
    }
  }
}
