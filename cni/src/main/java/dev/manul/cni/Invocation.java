package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A request whose environment has been looked through.
 *
 * @param verb what is to be done
 * @param key the container's link; its texts are empty for verbs that concern none
 * @param netns the file of the container's namespace, or ""
 * @param arguments CNI_ARGS
 * @param configuration the network's configuration
 */
record Invocation(
    Verb verb,
    AttachmentKey key,
    String netns,
    Map<String, String> arguments,
    NetworkConfiguration configuration) {

  /** What a plugin may be asked to do. */
  enum Verb {
    ADD(CniVersion.V0_3_0),
    DEL(CniVersion.V0_3_0),
    CHECK(CniVersion.V0_4_0),
    GC(CniVersion.V1_1_0),
    STATUS(CniVersion.V1_1_0),
    VERSION(CniVersion.V0_3_0);

    private final CniVersion since;

    Verb(CniVersion since) {
      this.since = since;
    }

    boolean concernsContainer() {
      return this == ADD || this == DEL || this == CHECK;
    }

    boolean needsNamespace() {
      return this == ADD || this == CHECK;
    }
  }

  /** The longest id that still makes a file name, with the link's name and the ending. */
  private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}");

  /** What the kernel takes for a device's name (dev_valid_name of net/core/dev.c). */
  private static final Pattern IFNAME = Pattern.compile("(?!\\.{1,2}$)[!-.0-9;-~]{1,15}");

  Invocation {
    arguments = Map.copyOf(arguments);
  }

  /** The verb of a request. */
  static Verb verb(Frame frame) {
    String command = frame.variable("CNI_COMMAND");
    for (Verb verb : Verb.values()) {
      if (verb.name().equals(command)) {
        return verb;
      }
    }
    String allowed = Arrays.stream(Verb.values()).map(Verb::name).collect(Collectors.joining(", "));
    throw environment("CNI_COMMAND is \"" + command + "\"; allowed: " + allowed);
  }

  /** Looks through a request for any verb but VERSION. */
  static Invocation of(Verb verb, Frame frame, ObjectNode configuration) {
    NetworkConfiguration network = NetworkConfiguration.of(configuration);
    if (!network.version().atLeast(verb.since)) {
      throw new CniException(
          Code.INCOMPATIBLE_VERSION,
          verb + " is not known to version " + network.version().text(),
          "it came with " + verb.since.text());
    }
    String container = frame.variable("CNI_CONTAINERID");
    String ifname = frame.variable("CNI_IFNAME");
    String netns = frame.variable("CNI_NETNS");
    if (verb.concernsContainer()) {
      check("CNI_CONTAINERID", container, CONTAINER_ID);
      check("CNI_IFNAME", ifname, IFNAME);
    }
    if (verb.needsNamespace() && netns.isEmpty()) {
      throw environment("CNI_NETNS is not set, and " + verb + " needs it");
    }
    return new Invocation(
        verb,
        new AttachmentKey(container, ifname),
        netns,
        arguments(frame.variable("CNI_ARGS")),
        network);
  }

  private static void check(String name, String value, Pattern allowed) {
    if (value.isEmpty()) {
      throw environment(name + " is not set");
    }
    if (!allowed.matcher(value).matches()) {
      throw environment(name + " is \"" + value + "\"; allowed: " + allowed);
    }
  }

  /** {@code KEY=VALUE} pairs between semicolons. */
  private static Map<String, String> arguments(String text) {
    Map<String, String> arguments = new HashMap<>();
    for (String pair : text.split(";", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw environment("CNI_ARGS has \"" + pair + "\"; wanted KEY=VALUE;KEY=VALUE");
      }
      arguments.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return arguments;
  }

  /** An argument that is there and says something. */
  Optional<String> argument(String name) {
    return Optional.ofNullable(arguments.get(name)).filter(value -> !value.isEmpty());
  }

  private static CniException environment(String message) {
    return new CniException(Code.INVALID_ENVIRONMENT, message);
  }
}
