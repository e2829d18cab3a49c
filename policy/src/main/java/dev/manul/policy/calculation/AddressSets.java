package dev.manul.policy.calculation;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The endpoints and services anywhere, and the sets of addresses in use. Facts about endpoints and
 * services come first, while all sets here are known to others and every change of a member is
 * noted; then sets are taken into use and out of it; then what has changed is told.
 */
final class AddressSets {

  private static final Prefix[] NO_ADDRESSES = {};

  private final LabelIndex<KnownEndpoint, SetSelector> index = new LabelIndex<>(SetSelector::new);
  private final Map<EndpointId, KnownEndpoint> endpoints = new HashMap<>();
  private final AddressOwners owners = new AddressOwners();
  private final Map<ServiceId, Set<ServiceAddress>> services = new HashMap<>();
  private final Map<SetId, AddressSet> sets = new HashMap<>();

  /** Sets with notes, those that are new and those that may have lost their last use. */
  private final Set<AddressSet> touched = new LinkedHashSet<>();

  void profile(String name, Map<String, String> labels) {
    index.profile(
        name,
        labels,
        (endpoint, before) ->
            moved(endpoint, before, endpoint.addresses(), endpoint.ports(), false));
  }

  void endpoint(Endpoint endpoint) {
    KnownEndpoint known = endpoints.get(endpoint.id());
    if (known == null) {
      known = new KnownEndpoint();
      endpoints.put(endpoint.id(), known);
    }
    Prefix[] addresses = known.addresses();
    NamedPort[] ports = known.ports();
    boolean otherwise = known.take(endpoint);
    if (otherwise) {
      owners.remove(known, addresses);
      owners.add(known, known.addresses());
    }
    Labels before = index.put(known, endpoint.labels(), endpoint.profiles());
    moved(known, before, addresses, ports, otherwise);
  }

  void endpointGone(EndpointId id) {
    KnownEndpoint known = endpoints.remove(id);
    if (known != null) {
      owners.remove(known, known.addresses());
      Labels before = index.remove(known);
      moved(known, before, known.addresses(), known.ports(), true);
    }
  }

  /** Notes what a change of an endpoint means for sets. */
  private void moved(
      KnownEndpoint endpoint,
      Labels before,
      Prefix[] oldAddresses,
      NamedPort[] oldPorts,
      boolean otherwise) {
    Prefix[] addresses = endpoint.labels == null ? NO_ADDRESSES : endpoint.addresses();
    Prefix[] lost = KnownEndpoint.minus(oldAddresses, addresses);
    Prefix[] gained = KnownEndpoint.minus(addresses, oldAddresses);
    index.changed(
        before,
        endpoint.labels,
        otherwise,
        (selector, was, is) -> {
          for (AddressSet set : selector.sets) {
            if (set.id instanceof SetId.Named id) {
              Set<Member> from = was ? KnownEndpoint.named(oldAddresses, oldPorts, id) : Set.of();
              Set<Member> to = is ? KnownEndpoint.named(addresses, endpoint.ports(), id) : Set.of();
              renamed(endpoint, set, id, from, to);
            } else {
              readdressed(
                  endpoint,
                  set,
                  was && is ? lost : was ? oldAddresses : NO_ADDRESSES,
                  was && is ? gained : is ? addresses : NO_ADDRESSES);
            }
          }
        });
  }

  private void readdressed(KnownEndpoint endpoint, AddressSet set, Prefix[] lost, Prefix[] gained) {
    Selector selector = set.selector.selector;
    for (Prefix prefix : lost) {
      if (!owners.anyOther(prefix, endpoint, other -> selector.matches(other.labels))) {
        set.lose(new Member.Net(prefix));
        touched.add(set);
      }
    }
    for (Prefix prefix : gained) {
      if (!owners.anyOther(prefix, endpoint, other -> selector.matches(other.labels))) {
        set.gain(new Member.Net(prefix));
        touched.add(set);
      }
    }
  }

  private void renamed(
      KnownEndpoint endpoint, AddressSet set, SetId.Named id, Set<Member> from, Set<Member> to) {
    for (Member member : from) {
      if (!to.contains(member) && !othersCall(endpoint, id, (Member.Port) member)) {
        set.lose(member);
        touched.add(set);
      }
    }
    for (Member member : to) {
      if (!from.contains(member) && !othersCall(endpoint, id, (Member.Port) member)) {
        set.gain(member);
        touched.add(set);
      }
    }
  }

  private boolean othersCall(KnownEndpoint endpoint, SetId.Named id, Member.Port member) {
    return owners.anyOther(
        member.address().toPrefix(),
        endpoint,
        other ->
            other.calls(id.port(), member.protocol(), member.port())
                && id.selector().matches(other.labels));
  }

  /** Takes what is behind a service; nothing when there is no such service. */
  void service(ServiceId id, Set<ServiceAddress> addresses) {
    Set<ServiceAddress> before =
        addresses.isEmpty() ? services.remove(id) : services.put(id, addresses);
    for (SetId setId : List.of(new SetId.Service(id), new SetId.ServicePorts(id))) {
      AddressSet set = sets.get(setId);
      if (set != null) {
        Set<Member> from = members(setId, before == null ? Set.of() : before);
        Set<Member> to = members(setId, addresses);
        from.stream().filter(member -> !to.contains(member)).forEach(set::lose);
        to.stream().filter(member -> !from.contains(member)).forEach(set::gain);
        touched.add(set);
      }
    }
  }

  private static Set<Member> members(SetId id, Set<ServiceAddress> addresses) {
    Set<Member> members = LinkedHashSet.newLinkedHashSet(addresses.size());
    for (ServiceAddress each : addresses) {
      Address address = each.address();
      members.add(
          id instanceof SetId.Service
              ? new Member.Net(address.toPrefix())
              : new Member.Port(address, each.protocol(), each.port()));
    }
    return members;
  }

  /** Takes a set into use, once more. */
  AddressSet use(SetId id) {
    AddressSet set = sets.get(id);
    if (set == null) {
      SetSelector selector =
          switch (id) {
            case SetId.Selected(Selector s) -> index.watch(s);
            case SetId.Named(Selector s, _, _) -> index.watch(s);
            case SetId.Service _, SetId.ServicePorts _ -> null;
          };
      set = new AddressSet(id, selector);
      sets.put(id, set);
      if (selector != null) {
        selector.sets.add(set);
      }
      touched.add(set);
    }
    set.uses++;
    return set;
  }

  /** Takes a set out of use, once less. */
  void leave(AddressSet set) {
    if (--set.uses == 0) {
      touched.add(set);
    }
  }

  /** Tells what has changed since it was last told. */
  void tell(Changes changes) {
    for (AddressSet set : touched) {
      if (set.uses == 0) {
        forget(set);
        if (set.told) {
          changes.setsGone().add(set.id);
        }
      } else if (set.told) {
        Changes.MemberChange change = set.takeChange();
        if (!change.added().isEmpty() || !change.removed().isEmpty()) {
          changes.setsChanged().put(set.id, change);
        }
      } else {
        set.told = true;
        changes.setsNew().put(set.id, members(set));
      }
    }
    touched.clear();
  }

  private void forget(AddressSet set) {
    sets.remove(set.id);
    if (set.selector != null) {
      set.selector.sets.remove(set);
      if (set.selector.sets.isEmpty()) {
        index.unwatch(set.selector);
      }
    }
  }

  boolean isEmpty() {
    return index.isEmpty()
        && endpoints.isEmpty()
        && owners.isEmpty()
        && services.isEmpty()
        && sets.isEmpty();
  }

  /** Members as they are now; empty for a set that is not in use. */
  Set<Member> members(SetId id) {
    AddressSet set = sets.get(id);
    return set == null ? Set.of() : members(set);
  }

  private Set<Member> members(AddressSet set) {
    Set<Member> members = new LinkedHashSet<>();
    switch (set.id) {
      case SetId.Selected(Selector selector) ->
          index.forEachCandidate(
              set.selector,
              endpoint -> {
                if (selector.matches(endpoint.labels)) {
                  for (Prefix prefix : endpoint.addresses()) {
                    members.add(new Member.Net(prefix));
                  }
                }
              });
      case SetId.Named id ->
          index.forEachCandidate(
              set.selector,
              endpoint -> {
                if (endpoint.ports().length > 0 && id.selector().matches(endpoint.labels)) {
                  members.addAll(KnownEndpoint.named(endpoint.addresses(), endpoint.ports(), id));
                }
              });
      case SetId.Service(ServiceId service) ->
          members.addAll(members(set.id, services.getOrDefault(service, Set.of())));
      case SetId.ServicePorts(ServiceId service) ->
          members.addAll(members(set.id, services.getOrDefault(service, Set.of())));
    }
    return Collections.unmodifiableSet(members);
  }
}
