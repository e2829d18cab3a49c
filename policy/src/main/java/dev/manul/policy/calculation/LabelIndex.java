package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import dev.manul.policy.calculation.Requirements.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Things with labels on one side, selectors on the other. A selector is anchored at labels of which
 * it requires one, the rarest that it gives when it comes; so a change of labels meets few of the
 * selectors, and a new selector few of the things. Nothing is kept of what selects what: that is
 * worked out from the labels before and after a change.
 *
 * @param <E> the things
 * @param <W> the selectors
 */
final class LabelIndex<E extends Indexed, W extends Watch> {

  /** Told of a selector that selected a thing before a change or selects it after. */
  interface Transition<W> {
    void of(W watch, boolean was, boolean is);
  }

  /** Told of a thing whose labels have changed with a profile's. */
  interface Relabelled<E> {
    void of(E thing, Labels before);
  }

  /** All things, and the selectors that require no label. */
  private static final class Everything extends Group implements Anchor {
    private final Watchers watchers = new Watchers();

    @Override
    public Watchers watchers() {
      return watchers;
    }

    @Override
    public void forEachCandidate(Consumer<Indexed> consumer) {
      forEachMember(consumer);
    }
  }

  private static final int WATCHERS_COUNTED = 1023;

  /** A label with more values than these is taken for one that everything has. */
  private static final int VALUES_COUNTED = 64;

  private final Function<Selector, W> newWatch;
  private final Map<String, LabelKey> keys = new HashMap<>();
  private final Map<String, ProfileLabels> profiles = new HashMap<>();
  private final Map<Selector, W> watches = new HashMap<>();
  private final Everything everything = new Everything();
  private long round;
  private long looks;

  LabelIndex(Function<Selector, W> newWatch) {
    this.newWatch = newWatch;
  }

  /**
   * Gives a thing labels of its own and profiles.
   *
   * @return its labels before; null when it was not known
   */
  Labels put(E thing, Map<String, String> own, List<String> profileNames) {
    Labels before = thing.labels;
    if (before != null) {
      if (hasOwn(before, own) && hasProfiles(thing, profileNames)) {
        return before;
      }
    }
    LabelValue[] values = values(own);
    ProfileLabels[] named =
        profileNames.stream()
            .distinct()
            .map(name -> profiles.computeIfAbsent(name, ProfileLabels::new))
            .toArray(ProfileLabels[]::new);
    LabelValue[][] inherited = new LabelValue[named.length][];
    Arrays.setAll(inherited, i -> named[i].labels);
    var after = new Labels(values, inherited);
    int[] places = new int[1 + values.length + named.length];
    if (before == null) {
      thing.places = places;
      everything.add(thing, 0);
    }
    // Into the new groups before out of the old, lest one that is in both be taken for unused.
    Labels oldLabels = before;
    ProfileLabels[] oldProfiles = thing.profiles;
    int[] oldPlaces = thing.places;
    places[0] = oldPlaces[0];
    if (before != null) {
      leave(thing, oldLabels, oldProfiles);
    }
    thing.labels = after;
    thing.profiles = named;
    thing.places = places;
    int slot = 1;
    for (LabelValue value : values) {
      value.add(thing, slot++);
    }
    for (ProfileLabels profile : named) {
      profile.add(thing, slot++);
    }
    if (before != null) {
      release(oldLabels.own());
      release(oldProfiles);
    }
    return before;
  }

  /**
   * Forgets a thing.
   *
   * @return its labels before
   */
  Labels remove(E thing) {
    Labels before = thing.labels;
    leave(thing, before, thing.profiles);
    everything.remove(thing, 0);
    thing.labels = null;
    release(before.own());
    release(thing.profiles);
    return before;
  }

  private static void leave(Indexed thing, Labels labels, ProfileLabels[] profiles) {
    int slot = 1;
    for (LabelValue value : labels.own()) {
      value.remove(thing, slot++);
    }
    for (ProfileLabels profile : profiles) {
      profile.remove(thing, slot++);
    }
  }

  private static boolean hasOwn(Labels labels, Map<String, String> own) {
    if (labels.own().length != own.size()) {
      return false;
    }
    for (LabelValue value : labels.own()) {
      if (!value.value.equals(own.get(value.key.label))) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasProfiles(Indexed thing, List<String> names) {
    if (thing.profiles.length != names.size()) {
      return false;
    }
    for (int i = 0; i < names.size(); i++) {
      if (!thing.profiles[i].name.equals(names.get(i))) {
        return false;
      }
    }
    return true;
  }

  private LabelValue[] values(Map<String, String> labels) {
    LabelValue[] values = new LabelValue[labels.size()];
    int i = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      values[i++] = value(label.getKey(), label.getValue());
    }
    return values;
  }

  private LabelValue value(String label, String value) {
    LabelKey key = keys.computeIfAbsent(label, LabelKey::new);
    LabelValue found = key.values.get(value);
    if (found == null) {
      found = new LabelValue(key, value);
      key.values.put(value, found);
    }
    return found;
  }

  private void release(LabelValue[] values) {
    for (LabelValue value : values) {
      if (value.isUnused()) {
        value.key.values.remove(value.value, value);
        release(value.key);
      }
    }
  }

  private void release(LabelKey key) {
    if (key.isUnused()) {
      keys.remove(key.label, key);
    }
  }

  private void release(ProfileLabels[] some) {
    for (ProfileLabels profile : some) {
      if (profile.size() == 0 && profile.labels.length == 0) {
        profiles.remove(profile.name, profile);
      }
    }
  }

  /**
   * Gives a profile other labels; tells of each thing that has it, one after the other: those not
   * told of yet still have their labels of before.
   */
  void profile(String name, Map<String, String> labels, Relabelled<E> relabelled) {
    ProfileLabels profile = profiles.get(name);
    if (profile == null) {
      if (labels.isEmpty()) {
        return;
      }
      profile = new ProfileLabels(name);
      profiles.put(name, profile);
    }
    LabelValue[] old = profile.labels;
    if (hasOwn(new Labels(old, new LabelValue[0][]), labels)) {
      return;
    }
    LabelValue[] values = values(labels);
    profile.labels = values;
    for (LabelValue value : old) {
      value.remove(profile);
    }
    for (LabelValue value : values) {
      value.add(profile);
    }
    for (Indexed thing : profile.snapshot()) {
      Labels before = thing.labels;
      int number = Arrays.asList(thing.profiles).indexOf(profile);
      thing.labels = before.withInherited(number, values);
      relabelled.of(thing(thing), before);
    }
    release(old);
    release(new ProfileLabels[] {profile});
  }

  /** The watch of a selector, made when there is none. */
  W watch(Selector selector) {
    W known = watches.get(selector);
    if (known == null) {
      known = newWatch.apply(selector);
      watches.put(selector, known);
      known.anchors = anchors(selector);
      for (Anchor anchor : known.anchors) {
        anchor.watchers().add(known);
      }
    }
    return known;
  }

  /** Forgets a watch. */
  void unwatch(W watch) {
    watches.remove(watch.selector);
    for (Anchor anchor : watch.anchors) {
      anchor.watchers().remove(watch);
      switch (anchor) {
        case LabelValue value -> release(new LabelValue[] {value});
        case LabelPair pair -> release(pair);
        case LabelKey key -> release(key);
        default -> {}
      }
    }
  }

  private List<Anchor> anchors(Selector selector) {
    List<Requirement> required = Requirements.cheapest(selector, this::cost);
    if (required == null) {
      return List.of(everything);
    }
    if (required.size() == 1 && required.getFirst().value() != null) {
      Requirement first = required.getFirst();
      Optional<Requirement> second =
          Requirements.values(selector).stream()
              .map(equal -> new Requirement(equal.label(), equal.value()))
              .filter(requirement -> !requirement.equals(first))
              .min(Comparator.comparingLong(this::cost));
      if (second.isPresent()) {
        LabelValue secondValue = value(second.get().label(), second.get().value());
        return List.of(value(first.label(), first.value()).pairWith(secondValue));
      }
    }
    return required.stream().map(this::anchor).toList();
  }

  private void release(LabelPair pair) {
    if (pair.watchers().size() == 0) {
      pair.first.remove(pair);
      release(new LabelValue[] {pair.first, pair.second});
    }
  }

  private Anchor anchor(Requirement requirement) {
    return requirement.value() == null
        ? keys.computeIfAbsent(requirement.label(), LabelKey::new)
        : value(requirement.label(), requirement.value());
  }

  /**
   * Few things are best. Among equals, as before anything is known, few selectors in the same
   * place, and rather a value than a label alone.
   */
  private long cost(Requirement requirement) {
    LabelKey key = keys.get(requirement.label());
    if (key == null) {
      return requirement.value() == null ? 1 : 0;
    }
    if (requirement.value() == null) {
      long candidates = 0;
      if (key.values.size() > VALUES_COUNTED) {
        candidates = everything.size();
      } else {
        for (LabelValue value : key.values.values()) {
          candidates += value.candidates();
        }
      }
      return weighed(candidates, key.watchers().size() + 1);
    }
    LabelValue value = key.values.get(requirement.value());
    return value == null ? 0 : weighed(value.candidates(), value.watches());
  }

  private static long weighed(long candidates, int watchers) {
    return candidates * (WATCHERS_COUNTED + 1) + Math.min(watchers, WATCHERS_COUNTED);
  }

  /** What a selector may select; some may come twice. */
  void forEachCandidate(Watch watch, Consumer<E> consumer) {
    List<Selector.Equal> required = Requirements.values(watch.selector);
    LabelValue[] values = new LabelValue[required.size()];
    for (int i = 0; i < values.length; i++) {
      LabelKey key = keys.get(required.get(i).label());
      values[i] = key == null ? null : key.values.get(required.get(i).value());
      if (values[i] == null) {
        return; // nothing has it
      }
    }
    for (Anchor anchor : watch.anchors) {
      anchor.forEachCandidate(
          thing -> {
            if (thing.labels.mayHave(values)) {
              consumer.accept(thing(thing));
            }
          });
    }
  }

  /**
   * Tells of the selectors that a change of a thing concerns.
   *
   * @param before null when it was not there
   * @param after null when it is not there any more
   * @param otherwise whether more than labels has changed: then all that selected or select it are
   *     told, else only those for which that is not the same
   */
  void changed(Labels before, Labels after, boolean otherwise, Transition<W> transition) {
    boolean both = before != null && after != null;
    List<String> differing = both ? differing(before, after) : List.of();
    if (both && differing.isEmpty() && !otherwise) {
      return;
    }
    var visit = new Visit(before, after, otherwise, differing, transition);
    round++;
    visit.at(everything);
    if (before != null) {
      before.forEachValue(value -> visit.at(value, before));
    }
    if (after != null && !(both && differing.isEmpty())) {
      after.forEachValue(value -> visit.at(value, after));
    }
  }

  /** Names of labels that are not the same. */
  @SuppressWarnings("ReferenceEquality") // two equal ones differ in nothing, it only takes longer
  private static List<String> differing(Labels before, Labels after) {
    if (before == after) {
      return List.of();
    }
    List<String> names = new ArrayList<>(2);
    before.forEachValue(value -> addIfDiffering(value.key.label, before, after, names));
    after.forEachValue(value -> addIfDiffering(value.key.label, before, after, names));
    return names;
  }

  private static void addIfDiffering(String label, Labels before, Labels after, List<String> to) {
    if (!Objects.equals(before.get(label), after.get(label)) && !to.contains(label)) {
      to.add(label);
    }
  }

  /** One change on its way through the anchors. */
  private final class Visit {
    private final Labels before;
    private final Labels after;
    private final boolean otherwise;
    private final List<String> differing;
    private final Transition<W> transition;

    Visit(
        Labels before,
        Labels after,
        boolean otherwise,
        List<String> differing,
        Transition<W> transition) {
      this.before = before;
      this.after = after;
      this.otherwise = otherwise;
      this.differing = differing;
      this.transition = transition;
    }

    void at(LabelValue value, Labels labels) {
      if (value.isWatched()) {
        at(value);
      }
      value.forEachPair(labels, this::at);
      at(value.key);
    }

    void at(Anchor anchor) {
      Anchor.Watchers watchers = anchor.watchers();
      for (int i = 0; i < watchers.size(); i++) {
        Watch watch = watchers.get(i);
        if (watch.round != round) {
          watch.round = round;
          look(watch);
        }
      }
    }

    private void look(Watch watch) {
      boolean same = before != null && after != null && !watch.mentionsAny(differing);
      if (same && !otherwise) {
        return;
      }
      looks++;
      boolean was = before != null && watch.selector.matches(before);
      boolean is = same ? was : after != null && watch.selector.matches(after);
      if (was != is || (was && otherwise)) {
        transition.of(watch(watch), was, is);
      }
    }
  }

  /** How many selectors were looked at for changes, for those who want to know what they cost. */
  long looks() {
    return looks;
  }

  /** Whether nothing is known, and nothing is left over either. */
  boolean isEmpty() {
    return keys.isEmpty()
        && profiles.isEmpty()
        && watches.isEmpty()
        && everything.size() == 0
        && everything.watchers().size() == 0;
  }

  /** Only {@link #put} brings things in. */
  @SuppressWarnings("unchecked")
  private E thing(Indexed thing) {
    return (E) thing;
  }

  /** Only {@link #watch(Selector)} brings watches in. */
  @SuppressWarnings("unchecked")
  private W watch(Watch watch) {
    return (W) watch;
  }
}
