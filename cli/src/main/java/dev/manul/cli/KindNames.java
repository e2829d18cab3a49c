package dev.manul.cli;

import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import java.util.Iterator;

/** What a shell may complete a kind to. */
final class KindNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Kinds.OWN.stream().map(Kind::plural).iterator();
  }
}
