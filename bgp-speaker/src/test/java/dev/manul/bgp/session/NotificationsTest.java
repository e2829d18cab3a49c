package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.Octets;
import org.junit.jupiter.api.Test;

class NotificationsTest {

  private static Notification of(int code, int subcode) {
    return new Notification(code, subcode, Octets.EMPTY);
  }

  @Test
  void aHardResetCarriesWhatItIsAbout() {
    Notification shutdown = Notifications.shutdown("maintenance until 5");
    Notification hard = Notifications.hardReset(shutdown);
    assertThat(hard.code()).isEqualTo(6);
    assertThat(hard.subcode()).isEqualTo(9);
    assertThat(hard.data().toString()).startsWith("060213"); // code, subcode, length of the text
    assertThat(Notifications.subject(hard)).isEqualTo(shutdown);
    assertThat(Notifications.message(hard)).contains("maintenance until 5");
    assertThat(Notifications.text(hard))
        .isEqualTo("Cease: hard reset (Cease: administrative shutdown (\"maintenance until 5\"))");
    assertThat(Notifications.text(of(6, 9))).isEqualTo("Cease: hard reset");
    assertThat(Notifications.text(Notifications.hardReset(of(4, 0))))
        .isEqualTo("Cease: hard reset (hold timer expired)");
    assertThat(Notifications.text(Notifications.hardReset(hard))).isEqualTo("Cease: hard reset");
  }

  @Test
  void onlySomeNotificationsEndRoutes() {
    for (int subcode = 0; subcode <= 12; subcode++) {
      assertThat(Notifications.endsRoutes(of(6, subcode)))
          .as("Cease %d", subcode)
          .isEqualTo(
              switch (subcode) {
                case 1, 2, 3, 9, 10 -> true;
                default -> false;
              });
    }
    for (int code : new int[] {1, 2, 3, 4, 5, 7, 8}) {
      assertThat(Notifications.endsRoutes(of(code, 2))).isFalse();
    }
  }

  @Test
  void textsOfShutdownsAreShownAndMadeHarmless() {
    assertThat(Notifications.shutdown("").data()).isEqualTo(Octets.EMPTY);
    assertThat(Notifications.text(Notifications.shutdown("see \n[7mticket")))
        .isEqualTo("Cease: administrative shutdown (\"see  [7mticket\")");
    assertThat(Notifications.text(Notifications.reset("again")))
        .isEqualTo("Cease: administrative reset (\"again\")");
    assertThat(Notifications.text(of(2, 11))).isEqualTo("OPEN error: role mismatch");
    assertThat(Notifications.text(of(6, 10))).isEqualTo("Cease: BFD down");
    assertThat(Notifications.message(new Notification(6, 3, Octets.of((byte) 1, (byte) 'x'))))
        .isEmpty();
  }

  @Test
  void theCapabilitiesThatANeighborMissesAreNamed() {
    byte[] data = {65, 4, 0, 0, 0, 1, 69, 4, 0, 1, 1, 3, 99, 0};
    assertThat(Notifications.text(new Notification(2, 7, Octets.of(data))))
        .isEqualTo("OPEN error: unsupported capability (4-octet AS, ADD-PATH, capability 99)");
    assertThat(Notifications.text(new Notification(2, 7, Octets.of((byte) 1))))
        .isEqualTo("OPEN error: unsupported capability");
    assertThat(Notifications.text(new Notification(2, 7, Octets.of((byte) 64, (byte) 200))))
        .isEqualTo("OPEN error: unsupported capability (graceful restart)");
  }
}
