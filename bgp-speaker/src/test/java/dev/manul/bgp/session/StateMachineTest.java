package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.session.Action.SendNotification;
import dev.manul.bgp.session.Action.Simple;
import dev.manul.bgp.session.StateMachine.Step;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.Octets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** RFC 4271 section 8.2.2 as a table: every event in every state. */
class StateMachineTest {

  private static final Notification CEASE = new Notification(6, 2, Octets.EMPTY);
  private static final Notification HEADER = new Notification(1, 2, Octets.EMPTY);
  private static final Notification OPEN = new Notification(2, 2, Octets.EMPTY);
  private static final Notification UPDATE = new Notification(3, 1, Octets.EMPTY);

  /**
   * A cell is the next state and what is done. "-" stays and does nothing. F is a failure: the
   * connection goes, the retry counter rises and the idle-hold timer starts. S is an operator's
   * stop. A number after them is the NOTIFICATION sent. D: the routes of the session go first.
   */
  private static final String TABLE =
      """
      event            | Idle       | Connect        | Active         | OpenSent       | OpenConfirm     | Established
      start            | C reset    | -              | -              | -              | -               | -
      start passive    | A reset    | -              | -              | -              | -               | -
      stop             | I unhold   | S              | S              | S6.2           | S6.2            | D S6.2
      automatic stop   | -          | F              | F              | F6.10          | F6.10           | D F6.10
      connect retry    | -          | C drop dial    | C dial         | F5.1           | F5.2            | D F5.3
      hold             | -          | F              | F              | F4.0           | F4.0            | D F4.0
      keepalive timer  | -          | F              | F              | F5.1           | P keepalive     | E keepalive
      idle hold        | C unhold   | F              | F              | F5.1           | F5.2            | D F5.3
      idle hold passive| A unhold   | F              | F              | F5.1           | F5.2            | D F5.3
      connected        | -          | O open         | O open         | -              | -               | -
      connection fails | -          | F              | F              | A lost         | F               | D F
      OPEN             | -          | F              | F              | P confirm      | F5.2            | D F5.3
      header error     | -          | F              | F              | F1.2           | F1.2            | D F1.2
      OPEN error       | -          | F              | F              | F2.2           | F2.2            | D F2.2
      collision dump   | -          | F              | F              | F6.7           | F6.7            | D F6.7
      version refused  | -          | F              | F              | F              | F               | D F
      NOTIFICATION     | -          | F              | F              | F              | F               | D F
      KEEPALIVE        | -          | F              | F              | F5.1           | E up            | E heard
      UPDATE           | -          | F              | F              | F5.1           | F5.2            | E process
      UPDATE error     | -          | F              | F              | F5.1           | F5.2            | D F3.1
      send hold        | -          | F              | F              | F              | F               | D F
      """;

  private static final Map<String, Event> EVENTS = new LinkedHashMap<>();

  static {
    EVENTS.put("start", new Event.Start(false));
    EVENTS.put("start passive", new Event.Start(true));
    EVENTS.put("stop", new Event.Stop(CEASE));
    EVENTS.put("automatic stop", new Event.AutomaticStop(Notifications.BFD_DOWN));
    EVENTS.put("connect retry", new Event.ConnectRetryExpired());
    EVENTS.put("hold", new Event.HoldExpired());
    EVENTS.put("keepalive timer", new Event.KeepaliveExpired());
    EVENTS.put("idle hold", new Event.IdleHoldExpired(false));
    EVENTS.put("idle hold passive", new Event.IdleHoldExpired(true));
    EVENTS.put("connected", new Event.Connected());
    EVENTS.put("connection fails", new Event.ConnectionFailed());
    EVENTS.put("OPEN", new Event.OpenReceived());
    EVENTS.put("header error", new Event.HeaderError(HEADER));
    EVENTS.put("OPEN error", new Event.OpenError(OPEN));
    EVENTS.put("collision dump", new Event.CollisionDump());
    EVENTS.put("version refused", new Event.VersionNotification());
    EVENTS.put("NOTIFICATION", new Event.NotificationReceived());
    EVENTS.put("KEEPALIVE", new Event.KeepaliveReceived());
    EVENTS.put("UPDATE", new Event.UpdateReceived());
    EVENTS.put("UPDATE error", new Event.UpdateError(UPDATE));
    EVENTS.put("send hold", new Event.SendHoldExpired());
  }

  private static final Map<String, List<Simple>> DEEDS =
      Map.ofEntries(
          Map.entry(
              "F",
              List.of(
                  Simple.STOP_CONNECT_RETRY,
                  Simple.DROP_CONNECTION,
                  Simple.RELEASE,
                  Simple.INCREASE_RETRY_COUNTER,
                  Simple.START_IDLE_HOLD)),
          Map.entry(
              "S",
              List.of(
                  Simple.STOP_CONNECT_RETRY,
                  Simple.DROP_CONNECTION,
                  Simple.RELEASE,
                  Simple.RESET_RETRY_COUNTER)),
          Map.entry("D", List.of(Simple.SESSION_DOWN)),
          Map.entry("dial", List.of(Simple.START_CONNECT_RETRY, Simple.DIAL)),
          Map.entry("drop", List.of(Simple.DROP_CONNECTION)),
          Map.entry(
              "open",
              List.of(Simple.STOP_CONNECT_RETRY, Simple.SEND_OPEN, Simple.START_LARGE_HOLD)),
          Map.entry(
              "lost", List.of(Simple.DROP_CONNECTION, Simple.RELEASE, Simple.START_CONNECT_RETRY)),
          Map.entry(
              "confirm",
              List.of(
                  Simple.STOP_CONNECT_RETRY,
                  Simple.SEND_KEEPALIVE,
                  Simple.RESTART_KEEPALIVE,
                  Simple.RESTART_HOLD)),
          Map.entry("keepalive", List.of(Simple.SEND_KEEPALIVE, Simple.RESTART_KEEPALIVE)),
          Map.entry("heard", List.of(Simple.RESTART_HOLD)),
          Map.entry("up", List.of(Simple.RESTART_HOLD, Simple.SESSION_UP)),
          Map.entry("process", List.of(Simple.RESTART_HOLD, Simple.PROCESS_MESSAGE)));

  @TestFactory
  Stream<DynamicTest> everyEventInEveryState() {
    return TABLE
        .lines()
        .skip(1)
        .flatMap(
            line -> {
              String[] cells = line.split("\\|", -1);
              Event event = EVENTS.get(cells[0].trim());
              return Arrays.stream(State.values())
                  .map(
                      state ->
                          DynamicTest.dynamicTest(
                              cells[0].trim() + " in " + state,
                              () ->
                                  assertThat(StateMachine.step(state, event))
                                      .isEqualTo(expected(state, cells[column(state)].trim()))));
            });
  }

  @Test
  void theTableHasEveryEvent() {
    List<String> rows = TABLE.lines().skip(1).map(line -> line.split("\\|", -1)[0].trim()).toList();
    assertThat(rows).containsExactlyElementsOf(EVENTS.keySet());
    List<Class<?>> covered = new ArrayList<>();
    EVENTS.values().forEach(event -> covered.add(event.getClass()));
    assertThat(covered).contains(Event.class.getPermittedSubclasses());
  }

  private static int column(State state) {
    return 1 + List.of(State.values()).indexOf(state);
  }

  private static Step expected(State state, String cell) {
    if (cell.equals("-")) {
      return new Step(state, List.of());
    }
    State next = State.IDLE;
    List<Action> actions = new ArrayList<>();
    for (String word : cell.split(" ", -1)) {
      switch (word) {
        case "I" -> next = State.IDLE;
        case "C" -> next = State.CONNECT;
        case "A" -> next = State.ACTIVE;
        case "O" -> next = State.OPEN_SENT;
        case "P" -> next = State.OPEN_CONFIRM;
        case "E" -> next = State.ESTABLISHED;
        case "reset" -> actions.addAll(started(next, Simple.RESET_RETRY_COUNTER));
        case "unhold" ->
            actions.addAll(
                next == State.IDLE
                    ? List.of(Simple.STOP_IDLE_HOLD, Simple.RESET_RETRY_COUNTER)
                    : started(next, Simple.STOP_IDLE_HOLD));
        default -> {
          String deed = word.replaceAll("[0-9.]+", "");
          String number = word.substring(deed.length());
          if (!number.isEmpty()) {
            actions.add(new SendNotification(notification(number)));
          }
          actions.addAll(DEEDS.get(deed));
        }
      }
    }
    return new Step(next, actions);
  }

  private static List<Simple> started(State next, Simple first) {
    List<Simple> actions =
        new ArrayList<>(List.of(first, Simple.STOP_IDLE_HOLD, Simple.START_CONNECT_RETRY));
    if (next == State.CONNECT) {
      actions.add(Simple.DIAL);
    }
    return actions;
  }

  private static Notification notification(String number) {
    int dot = number.indexOf('.');
    return new Notification(
        Integer.parseInt(number.substring(0, dot)),
        Integer.parseInt(number.substring(dot + 1)),
        Octets.EMPTY);
  }
}
