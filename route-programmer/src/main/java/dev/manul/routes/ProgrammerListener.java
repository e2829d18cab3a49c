package dev.manul.routes;

/**
 * What a {@link RouteProgrammer} tells. All methods are called on its thread and must return
 * quickly; none is called after {@link RouteProgrammer#close} has returned.
 */
public interface ProgrammerListener {

  /** A listener that does nothing. */
  ProgrammerListener NONE = new ProgrammerListener() {};

  /** Links, addresses or other programs' routes differ: next hops may resolve otherwise now. */
  default void underlayChanged(Underlay underlay) {}

  /** Counts, failures or issues differ from those told before. */
  default void statusChanged(ProgrammerStatus status) {}
}
