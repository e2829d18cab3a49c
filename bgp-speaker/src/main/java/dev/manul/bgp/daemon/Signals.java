package dev.manul.bgp.daemon;

import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The process's signals, noted when they come and taken one after the other.
 *
 * <p>The JDK has no other way to hear SIGHUP than {@code sun.misc.Signal} of the module {@code
 * jdk.unsupported}. It is reached by name because the compiler's warning about it cannot be
 * suppressed in one place.
 */
final class Signals {
  private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();

  /** Hears the named signals, such as {@code HUP}, instead of what the JVM does on them. */
  Signals(String... names) {
    for (String name : names) {
      hear(name);
    }
  }

  private void hear(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object noting =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                waiting.add(name);
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), noting);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM cannot hear SIG" + name, e);
    }
  }

  /** The name of the next signal; waits for it. */
  String take() throws InterruptedException {
    return waiting.take();
  }
}
