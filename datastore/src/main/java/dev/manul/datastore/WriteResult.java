package dev.manul.datastore;

import dev.manul.model.Resource;
import java.util.Optional;

/** How a compare-and-set ended. */
public sealed interface WriteResult<R extends Resource> {

  /** It was done; {@code resource} is as stored, with its new version (for a delete: as it was). */
  record Written<R extends Resource>(R resource) implements WriteResult<R> {}

  /**
   * Somebody else was first, and nothing was changed.
   *
   * @param current what is stored now; empty when the resource is gone
   */
  record Conflict<R extends Resource>(Optional<R> current) implements WriteResult<R> {}
}
