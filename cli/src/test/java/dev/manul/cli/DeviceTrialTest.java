package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTrialTest {

  private static DeviceTrial trial(String script) {
    return DeviceTrial.of(List.of("sh", "-c", script), "ipip");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          true | OK | ''
          echo Error: Unknown device type. >&2; exit 2 | FAIL | no device of kind ipip can be made: Error: Unknown device type.
          echo unshare failed: Operation not permitted >&2; exit 1 | SKIP | only root can try
          """)
  void whatTheProgramSaysDecides(String script, KernelModules.Presence presence, String reason) {
    assertThat(trial(script)).isEqualTo(new DeviceTrial(presence, reason));
  }

  @Test
  void aProgramThatIsNotThereSaysNothing() {
    DeviceTrial trial = DeviceTrial.of(List.of("/nonexistent/unshare"), "ipip");

    assertThat(trial.presence()).isEqualTo(KernelModules.Presence.SKIP);
    assertThat(trial.reason()).contains("/nonexistent/unshare");
  }

  @Test
  void thisKernelMakesVethsAndNoDevicesOfAKindThatThereIsNot() {
    assertThat(DeviceTrial.of(List.of("veth")).presence()).isEqualTo(KernelModules.Presence.OK);
    assertThat(DeviceTrial.of(List.of("manul")).presence()).isEqualTo(KernelModules.Presence.FAIL);
  }
}
