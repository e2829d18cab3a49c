package dev.manul.cli;

import dev.manul.model.AgentStatus;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;

/** An agent's status for people. */
final class NodeStatusView {
  private final AgentStatus status;
  private final Clock clock;

  NodeStatusView(AgentStatus status, Clock clock) {
    this.status = status;
    this.clock = clock;
  }

  /** Both families' sessions; the wide form adds both ends of them and the rest of the agent. */
  String text(boolean wide) {
    StringBuilder text = new StringBuilder("Manul process is running.\n\n");
    sessions(text, wide, false);
    sessions(text, wide, true);
    if (wide) {
      startup(text);
      conditions(text);
      routes(text);
      policy(text);
      encapsulations(text);
      carried(text);
    }
    return text.toString();
  }

  private void sessions(StringBuilder text, boolean wide, boolean ipv6) {
    String family = ipv6 ? "IPv6" : "IPv4";
    text.append(family).append(" BGP status\n");
    FramedTable table =
        wide
            ? new FramedTable(
                "PEER ADDRESS",
                "PEER TYPE",
                "STATE",
                "SINCE",
                "PEER AS",
                "LOCAL ADDRESS",
                "LOCAL AS",
                "RECEIVED",
                "ADVERTISED",
                "FLAPS",
                "INFO")
            : new FramedTable("PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO");
    for (AgentStatus.Session session : present(status.sessions())) {
      if (isIpv6(session.peerAddress()) != ipv6) {
        continue;
      }
      String info = Main.oneLine(session.info());
      if (wide) {
        table.add(
            session.peerAddress(),
            session.peerType(),
            session.state(),
            since(session.since()),
            Long.toString(session.peerAs()),
            session.localAddress(),
            Long.toString(session.localAs()),
            Long.toString(session.received()),
            Long.toString(session.advertised()),
            Long.toString(session.flaps()),
            info);
      } else {
        table.add(
            session.peerAddress(),
            session.peerType(),
            session.state(),
            since(session.since()),
            info);
      }
    }
    text.append(table.isEmpty() ? "No " + family + " peers found.\n" : table.text()).append('\n');
  }

  /** An IPv6 address has more than one colon, with or without brackets and port. */
  private static boolean isIpv6(String peer) {
    return peer.indexOf(':') != peer.lastIndexOf(':');
  }

  private void startup(StringBuilder text) {
    text.append("Agent\n");
    Table agent = new Table(List.of("NODE", "VERSION", "STARTED", "READY"));
    agent.add(
        List.of(
            status.node(),
            status.version(),
            since(status.startedAt()),
            status.ready() ? "yes" : "no"));
    text.append(agent.text()).append("Start\n");
    Table steps = new Table(List.of("STEP", "STATE", "MS", "WAITS FOR"));
    for (AgentStatus.StartupStep step : present(status.startup())) {
      steps.add(
          List.of(step.name(), step.state(), Long.toString(step.milliseconds()), step.waitsFor()));
    }
    text.append(steps.text());
  }

  private void conditions(StringBuilder text) {
    text.append("Conditions\n");
    Table table = new Table(List.of("TYPE", "STATUS", "REASON", "MESSAGE"));
    for (AgentStatus.Condition condition : present(status.conditions())) {
      table.add(
          List.of(
              condition.type(),
              condition.status() ? "True" : "False",
              condition.reason(),
              Main.oneLine(condition.message())));
    }
    text.append(table.text());
  }

  private void routes(StringBuilder text) {
    AgentStatus.Routes routes = status.routes();
    if (routes == null) {
      return;
    }
    text.append("Routes\n");
    List<String> failing = present(routes.failing());
    Table table =
        new Table(List.of("DESIRED", "INSTALLED", "REPAIRED", "FAILING", "LAST FULL CHECK"));
    table.add(
        List.of(
            Integer.toString(routes.desired()),
            Integer.toString(routes.installed()),
            Long.toString(routes.repaired()),
            Integer.toString(failing.size()),
            since(routes.lastFullCheck())));
    text.append(table.text());
    for (String route : failing) {
      text.append("failing: ").append(Main.oneLine(route)).append('\n');
    }
  }

  private void policy(StringBuilder text) {
    AgentStatus.Policy policy = status.policy();
    if (policy == null) {
      return;
    }
    text.append("Policy\n");
    Table table =
        new Table(
            List.of(
                "BACKEND",
                "IN FORCE",
                "ENDPOINTS",
                "POLICIES",
                "SETS",
                "REPAIRED",
                "LAST CHANGE MS",
                "LAST FULL CHECK"));
    table.add(
        List.of(
            policy.backend(),
            policy.settled() ? "yes" : "no",
            Integer.toString(policy.endpoints()),
            Integer.toString(policy.policies()),
            Integer.toString(policy.sets()),
            Long.toString(policy.repaired()),
            String.format(Locale.ROOT, "%.1f", policy.lastChangeMicroseconds() / 1000.0),
            since(policy.lastFullCheck())));
    text.append(table.text());
  }

  private void encapsulations(StringBuilder text) {
    List<AgentStatus.Encapsulation> encapsulations = present(status.encapsulations());
    if (encapsulations.isEmpty()) {
      return;
    }
    text.append("Encapsulations of this kernel\n");
    Table table = new Table(List.of("NAME", "AVAILABLE", "PROBLEM"));
    for (AgentStatus.Encapsulation one : encapsulations) {
      table.add(List.of(one.name(), one.available() ? "yes" : "no", Main.oneLine(one.problem())));
    }
    text.append(table.text());
  }

  private void carried(StringBuilder text) {
    List<AgentStatus.Carried> devices = present(status.carried());
    if (devices.isEmpty()) {
      return;
    }
    text.append("Packets carried in UDP\n");
    Table table =
        new Table(
            List.of(
                "DEVICE", "SENT", "RECEIVED", "NO NODE", "UNKNOWN SENDER", "MALFORMED", "REFUSED"));
    for (AgentStatus.Carried one : devices) {
      table.add(
          List.of(
              one.device(),
              Long.toString(one.sent()),
              Long.toString(one.received()),
              Long.toString(one.noNode()),
              Long.toString(one.unknownSender()),
              Long.toString(one.malformed()),
              Long.toString(one.refused())));
    }
    text.append(table.text());
  }

  private static <T> List<T> present(List<T> list) {
    return list == null ? List.of() : list;
  }

  /** The time of day for today, the date before that. */
  private String since(String time) {
    if (time == null || time.isEmpty()) {
      return "-";
    }
    try {
      ZonedDateTime local = Instant.parse(time).atZone(clock.getZone());
      return local.toLocalDate().equals(LocalDate.now(clock))
          ? local.format(DateTimeFormatter.ofPattern("HH:mm:ss"))
          : local.toLocalDate().toString();
    } catch (DateTimeParseException e) {
      return time;
    }
  }
}
