package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PodTest {

  /** As {@code printf lab.worker-0 | sha1sum} has it. */
  @Test
  void theDeviceIsNamedAsCalicoNamesIt() {
    assertThat(new Pod("worker-0", "worker", "10.244.0.1").device()).isEqualTo("calia25185286f6");
  }
}
