package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps what a watch tells. */
public final class RecordingSink<R extends Resource> implements Sink<R> {
  private final Map<Key, R> state = new TreeMap<>();
  private final List<String> events = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private int synced;
  private int mended;

  @Override
  public synchronized void present(R resource) {
    state.put(resource.key(), resource);
    events.add("present " + resource.key());
  }

  @Override
  public synchronized void absent(Key key) {
    state.remove(key);
    events.add("absent " + key);
  }

  @Override
  public synchronized void synced() {
    synced++;
    events.add("synced");
  }

  @Override
  public synchronized void broken(String problem) {
    problems.add(problem);
  }

  @Override
  public synchronized void mended() {
    mended++;
  }

  public synchronized int timesMended() {
    return mended;
  }

  public synchronized Map<Key, R> state() {
    return new TreeMap<>(state);
  }

  public synchronized List<String> events() {
    return List.copyOf(events);
  }

  public synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  public synchronized int timesSynced() {
    return synced;
  }
}
