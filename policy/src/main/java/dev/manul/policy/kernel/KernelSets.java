package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import dev.manul.netlink.Errno;
import dev.manul.netlink.FoundSet;
import dev.manul.netlink.IpSetSocket;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.SetChange;
import dev.manul.netlink.SetMember;
import dev.manul.netlink.SetType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes our sets what they ought to be, over netlink. What rules need is added before they are
 * written ({@link #add}); what they no longer need is removed after ({@link #remove}). Members are
 * not kept here: a change names those that come and go, and whoever knows all is asked when the
 * kernel has to be compared.
 *
 * <p>One thread owns it.
 */
public final class KernelSets implements AutoCloseable {

  private static final int MOST_MEMBERS = 1 << 20;

  /** IPSET_ERR_BUSY of linux/netfilter/ipset/ip_set.h: a rule uses the set. */
  private static final Errno IN_USE = new Errno(4100);

  private final NetworkNamespace namespace;
  private final Desired desired;
  private IpSetSocket socket;

  /** Names of sets that the kernel has from us, with their types; null until it is read. */
  private Map<String, String> known;

  private final Set<String> touched = new TreeSet<>();
  private final Map<String, Delta> deltas = new TreeMap<>();

  /** Made since the last {@link #remove}: they hold nothing but what they ought to. */
  private final Set<String> fresh = new HashSet<>();

  /**
   * Nobody needs them, but they are in use: nf_tables lets go of what a deleted rule has used only
   * some milliseconds after the rule is gone.
   */
  private final Set<String> lingering = new TreeSet<>();

  private long writes;

  /** What there is to be. */
  public interface Desired {

    /** The names of all sets. */
    Set<String> names();

    /** The type of a set. */
    SetType type(String name);

    /** All members of a set. */
    Collection<SetMember> members(String name);
  }

  /** What has changed in a set that is there. */
  private record Delta(Set<SetMember> added, Set<SetMember> removed) {
    Delta() {
      this(new HashSet<>(), new HashSet<>());
    }
  }

  public KernelSets(NetworkNamespace namespace, Desired desired) {
    this.namespace = namespace;
    this.desired = desired;
  }

  /** A set is there now, or no longer, or everything in it may be different. */
  public void touch(String name) {
    touched.add(name);
    deltas.remove(name);
  }

  /** Members have come and gone. */
  public void change(String name, Collection<SetMember> added, Collection<SetMember> removed) {
    if (touched.contains(name)) {
      return; // all of it will be compared
    }
    Delta delta = deltas.computeIfAbsent(name, _ -> new Delta());
    for (SetMember member : removed) {
      if (!delta.added().remove(member)) {
        var _ = delta.removed().add(member);
      }
    }
    for (SetMember member : added) {
      if (!delta.removed().remove(member)) {
        var _ = delta.added().add(member);
      }
    }
  }

  /** The kernel is read before the next write. */
  public void doubt() {
    known = null;
    fresh.clear();
    lingering.clear();
  }

  /** Sets that are to be destroyed by another {@link #remove}, for they were still in use. */
  public Set<String> lingering() {
    return Set.copyOf(lingering);
  }

  /** How often something was written. */
  public long writes() {
    return writes;
  }

  /** The sets that the kernel has from us. */
  private Map<String, String> known() {
    if (known == null) {
      if (socket == null) {
        socket = IpSetSocket.open(namespace);
      }
      Map<String, String> found = new HashMap<>();
      for (FoundSet set : socket.sets()) {
        if (IpSet.isOurs(set.name())) {
          found.put(set.name(), set.type());
        }
      }
      known = found;
      touched.addAll(found.keySet());
      touched.addAll(desired.names());
      deltas.clear();
    }
    return known;
  }

  /**
   * Makes sets that are missing and adds what is missing in them.
   *
   * @throws RulesException when that was not possible; the next time begins with reading
   */
  public void add() {
    write(additions(), Map.of());
  }

  /**
   * Adds and removes in one go, where no rule has to be written in between.
   *
   * @throws RulesException when that was not possible; the next time begins with reading
   */
  public void addAndRemove() {
    List<SetChange> changes = additions();
    remove(changes);
  }

  private List<SetChange> additions() {
    Map<String, String> have = known();
    List<SetChange> changes = new ArrayList<>();
    for (String name : touched) {
      if (!desired.names().contains(name)) {
        continue;
      }
      SetType type = desired.type(name);
      String there = have.get(name);
      if (there != null && !there.equals(type.kernelName())) {
        changes.add(new SetChange.Destroy(name));
        there = null;
      }
      Collection<SetMember> members = desired.members(name);
      if (there == null) {
        changes.add(new SetChange.Create(name, type, family(name), MOST_MEMBERS));
        have.put(name, type.kernelName());
        var _ = fresh.add(name);
        addMembers(changes, name, members);
      } else {
        Set<SetMember> found = new HashSet<>(members(name));
        addMembers(changes, name, members.stream().filter(m -> !found.contains(m)).toList());
      }
    }
    deltas.forEach((name, delta) -> addMembers(changes, name, delta.added()));
    return changes;
  }

  private static void addMembers(
      List<SetChange> changes, String name, Collection<SetMember> members) {
    if (!members.isEmpty()) {
      changes.add(new SetChange.Add(name, List.copyOf(members)));
    }
  }

  /**
   * Removes members that are too many, and sets that nobody needs.
   *
   * @throws RulesException when that was not possible; the next time begins with reading
   */
  public void remove() {
    remove(new ArrayList<>());
  }

  /**
   * @param changes what is written before
   */
  private void remove(List<SetChange> changes) {
    Map<String, String> have = known();
    Set<String> names = new TreeSet<>(touched);
    names.addAll(lingering);
    lingering.clear();
    Map<String, String> destroyed = new HashMap<>();
    for (String name : names) {
      if (!have.containsKey(name)) {
        continue;
      }
      if (!desired.names().contains(name)) {
        changes.add(new SetChange.Destroy(name));
        destroyed.put(name, have.remove(name));
        continue;
      }
      if (fresh.contains(name) || !touched.contains(name)) {
        continue;
      }
      Set<SetMember> wanted = new HashSet<>(desired.members(name));
      List<SetMember> unwanted = members(name).stream().filter(m -> !wanted.contains(m)).toList();
      if (!unwanted.isEmpty()) {
        changes.add(new SetChange.Delete(name, unwanted));
      }
    }
    deltas.forEach(
        (name, delta) -> {
          if (!delta.removed().isEmpty()) {
            changes.add(new SetChange.Delete(name, List.copyOf(delta.removed())));
          }
        });
    write(changes, destroyed);
    touched.clear();
    fresh.clear();
    deltas.clear();
  }

  private List<SetMember> members(String name) {
    try {
      return socket.members(name);
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  /**
   * Writes.
   *
   * @param mayLinger sets, with their types, that it does no harm to find in use
   */
  private void write(List<SetChange> changes, Map<String, String> mayLinger) {
    if (changes.isEmpty()) {
      return;
    }
    try {
      Map<Integer, Errno> failures = new HashMap<>(socket.apply(changes));
      writes++;
      failures
          .entrySet()
          .removeIf(
              failure ->
                  failure.getValue().equals(IN_USE)
                      && lingers(changes.get(failure.getKey()).name(), mayLinger));
      if (!failures.isEmpty()) {
        int first = failures.keySet().stream().min(Integer::compare).orElseThrow();
        SetChange change = changes.get(first);
        doubt();
        throw new RulesException(
            "set %s: %s: %s%s"
                .formatted(
                    change.name(),
                    change.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                    failures.get(first),
                    failures.size() > 1 ? " and " + (failures.size() - 1) + " more" : ""));
      }
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  private boolean lingers(String name, Map<String, String> mayLinger) {
    String type = mayLinger.get(name);
    if (type != null) {
      known.put(name, type);
      var _ = lingering.add(name);
    }
    return type != null;
  }

  private RulesException failed(NetlinkException e) {
    doubt();
    close();
    return new RulesException(e.getMessage(), e);
  }

  private static AddressFamily family(String name) {
    return name.startsWith(IpSet.prefix(AddressFamily.IPV6))
        ? AddressFamily.IPV6
        : AddressFamily.IPV4;
  }

  /** Closes the socket; sets stay. */
  @Override
  public void close() {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
