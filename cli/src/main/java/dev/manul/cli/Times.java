package dev.manul.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** Times for people. */
record Times(Clock clock) {

  /** How long ago a time was, as routers show it: 00:01:59, 2d03h, 5w1d; "-" when it is none. */
  String ago(String time) {
    try {
      Duration age = Duration.between(Instant.parse(time), clock.instant());
      if (age.isNegative()) {
        age = Duration.ZERO;
      }
      if (age.toDays() >= 7) {
        return age.toDays() / 7 + "w" + age.toDays() % 7 + "d";
      }
      return age.toDays() > 0
          ? "%dd%02dh".formatted(age.toDays(), age.toHoursPart())
          : "%02d:%02d:%02d".formatted(age.toHours(), age.toMinutesPart(), age.toSecondsPart());
    } catch (DateTimeParseException e) {
      return "-";
    }
  }
}
