package dev.manul.agent;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The agent's command line: {@code --NAME VALUE}, {@code --NAME=VALUE}, or {@code --NAME} of what
 * is on or off. Read by hand because the agent has a dozen flags and starts on every node: a
 * library for command lines took a fifth of its start.
 */
final class Flags {

  /** A flag; each may also be set by the environment variable that its description names. */
  enum Flag {
    NODE("NAME", "This node's name [NODENAME]."),
    DATASTORE("DIR", "Directory of the file datastore [MANUL_DATASTORE_PATH]."),
    DATASTORE_TYPE("TYPE", "kubernetes or file [DATASTORE_TYPE]."),
    RUN_DIR("DIR", "Directory of the sockets [MANUL_RUN_DIR]."),
    STATE_DIR("DIR", "Directory of what outlives a restart [MANUL_STATE_DIR]."),
    IP("ADDRESS", "autodetect, none, or the node's IPv4 address [IP]."),
    IP6("ADDRESS", "autodetect, none, or the node's IPv6 address [IP6]."),
    IP_AUTODETECTION_METHOD("METHOD", DetectionMethod.ALLOWED + " [IP_AUTODETECTION_METHOD]."),
    IP6_AUTODETECTION_METHOD("METHOD", "The same for IPv6 [IP6_AUTODETECTION_METHOD]."),
    AS("NUMBER", "The node's AS number [AS]."),
    HEALTH_PORT("PORT", "Port of /liveness and /readiness; 0 for none [FELIX_HEALTHPORT]."),
    CONVERGENCE_LIMIT(
        "SECONDS", "How long to wait for peers' first routes [MANUL_CONVERGENCE_LIMIT]."),
    INTERFACE_PREFIX(
        "LIST", "What pods' interfaces begin with, as cali,veth [FELIX_INTERFACEPREFIX]."),
    POLICY_ONLY("", "Only network policy, beside another network [MANUL_POLICY_ONLY=true].");

    private final String name;
    private final String value;
    private final String description;

    Flag(String value, String description) {
      this.name = "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
      this.value = value;
      this.description = description;
    }
  }

  /** What is done instead of serving. */
  enum Question {
    HELP,
    VERSION,
    REMOVE_RULES
  }

  private final Map<Flag, String> values = new EnumMap<>(Flag.class);
  private Question question;

  private Flags() {}

  /** What is wrong with a command line. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  /**
   * Reads a command line.
   *
   * @throws UsageException one line that names the argument
   */
  static Flags parse(String... arguments) throws UsageException {
    Flags flags = new Flags();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      switch (argument) {
        case "-h", "--help" -> flags.question = Question.HELP;
        case "-V", "--version" -> flags.question = Question.VERSION;
        case "--remove-rules" -> flags.question = Question.REMOVE_RULES;
        default -> {
          int equals = argument.indexOf('=');
          Flag flag = named(equals < 0 ? argument : argument.substring(0, equals));
          if (flag.value.isEmpty()) {
            if (equals >= 0) {
              throw new UsageException(flag.name + ": takes no value");
            }
            flags.values.put(flag, "");
            continue;
          }
          if (equals < 0 && i + 1 == arguments.length) {
            throw new UsageException(argument + ": wanted " + argument + " " + flag.value);
          }
          String value = equals < 0 ? arguments[++i] : argument.substring(equals + 1);
          if (flags.values.put(flag, value) != null) {
            throw new UsageException(flag.name + ": given twice");
          }
        }
      }
    }
    return flags;
  }

  private static Flag named(String name) throws UsageException {
    for (Flag flag : Flag.values()) {
      if (flag.name.equals(name)) {
        return flag;
      }
    }
    throw new UsageException(name + ": no such flag");
  }

  /** What is to be done instead of serving, if anything. */
  Optional<Question> question() {
    return Optional.ofNullable(question);
  }

  /** A flag's value, or null where it is not given. */
  String value(Flag flag) {
    return values.get(flag);
  }

  static String help() {
    String flags =
        Arrays.stream(Flag.values())
            .map(
                flag ->
                    ("  " + flag.name + " " + flag.value).stripTrailing()
                        + "\n      "
                        + flag.description)
            .collect(Collectors.joining("\n"));
    return """
    Usage: manul-agent [FLAG VALUE]…
    Routes pods on one node: BGP, blocks of addresses, kernel routes and tunnels.

    %s
      -h, --help
          This.
      -V, --version
          The version.
      --remove-rules
          Remove Manul's rules and sets from this host's packet filters, and end. For hosts that no
          agent runs on any more: without rules, no policy is enforced and nothing is masqueraded.

    Each flag may also be set by the environment variable in brackets.

    Examples:
      manul-agent --node worker --datastore /etc/manul/datastore
      KUBECONFIG=/root/.kube/config manul-agent --node worker
      manul-agent --policy-only --interface-prefix veth
      CALICO_IPV4POOL_IPIP=CrossSubnet IP_AUTODETECTION_METHOD=interface=eth1 manul-agent
    """
        .formatted(flags);
  }
}
