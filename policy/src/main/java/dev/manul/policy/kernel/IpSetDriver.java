package dev.manul.policy.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes our sets what they ought to be, by the program {@code ipset}: one process for a batch.
 *
 * <p>What rules need is added before they are written ({@link #add}); what they no longer need is
 * removed after ({@link #remove}).
 */
public final class IpSetDriver {

  private static final int MOST_MEMBERS = 1 << 20;

  private final Programs programs;

  /** Null until the kernel is read. */
  private Map<String, Found> known;

  public IpSetDriver(Programs programs) {
    this.programs = programs;
  }

  /** A set as it is in the kernel. */
  private record Found(String description, Set<String> members) {}

  /** The kernel is read again before the next write. */
  public void forget() {
    known = null;
  }

  private Map<String, Found> found() {
    if (known == null) {
      known = parse(programs.ok(List.of("ipset", "save"), ""));
    }
    return known;
  }

  /** Lines are {@code create NAME TYPE family inet ...} and {@code add NAME MEMBER}. */
  private static Map<String, Found> parse(String saved) {
    Map<String, Found> sets = new LinkedHashMap<>();
    saved
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ", -1);
              if (words.length < 3 || !IpSet.isOurs(words[1])) {
                return;
              }
              if (words[0].equals("create")) {
                String description =
                    words.length > 4 && words[3].equals("family")
                        ? String.join(" ", words[2], words[3], words[4])
                        : words[2];
                sets.put(words[1], new Found(description, new HashSet<>()));
              } else if (words[0].equals("add")) {
                sets.get(words[1]).members().add(words[2]);
              }
            });
    return sets;
  }

  /**
   * Creates what is missing and adds what is missing in it.
   *
   * @return whether anything had to be written
   */
  public boolean add(List<IpSet> desired) {
    List<String> lines = new ArrayList<>();
    for (IpSet set : desired) {
      Found found = found().get(set.name());
      if (found != null && !found.description().equals(set.description())) {
        lines.add("destroy " + set.name());
        found = null;
      }
      if (found == null) {
        lines.add("create " + set.name() + " " + set.description() + " maxelem " + MOST_MEMBERS);
      }
      Set<String> have = found == null ? Set.of() : found.members();
      set.members().stream()
          .filter(member -> !have.contains(member))
          .sorted()
          .forEach(member -> lines.add("add " + set.name() + " " + member + " -exist"));
    }
    return write(lines, desired, false);
  }

  /**
   * Removes members and sets of ours that are not wanted.
   *
   * @return whether anything had to be written
   */
  public boolean remove(List<IpSet> desired) {
    List<String> lines = new ArrayList<>();
    Map<String, Found> unwanted = new LinkedHashMap<>(found());
    for (IpSet set : desired.reversed()) {
      Found found = unwanted.remove(set.name());
      if (found != null) {
        found.members().stream()
            .filter(member -> !set.members().contains(member))
            .sorted()
            .forEach(member -> lines.add("del " + set.name() + " " + member + " -exist"));
      }
    }
    unwanted.keySet().forEach(name -> lines.add("destroy " + name));
    return write(lines, desired, true);
  }

  private boolean write(List<String> lines, List<IpSet> desired, boolean removing) {
    if (lines.isEmpty()) {
      return false;
    }
    Map<String, Found> before = found();
    forget(); // until it is known that the write was done
    String _ = programs.ok(List.of("ipset", "restore"), String.join("\n", lines) + "\n");
    Map<String, Found> after = removing ? new LinkedHashMap<>() : new LinkedHashMap<>(before);
    for (IpSet set : desired) {
      Set<String> members = new HashSet<>(set.members());
      Found old = before.get(set.name());
      if (!removing && old != null && old.description().equals(set.description())) {
        members.addAll(old.members());
      }
      after.put(set.name(), new Found(set.description(), members));
    }
    known = after;
    return true;
  }
}
