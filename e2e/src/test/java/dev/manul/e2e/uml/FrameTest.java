package dev.manul.e2e.uml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

  @Test
  void aFrameReadIsTheFrameWritten() throws IOException {
    byte[] body = "hello".getBytes(StandardCharsets.UTF_8);

    Frame frame = throughTheWire(new Frame(7, Frame.Type.OUTPUT, body));

    assertThat(frame.channel()).isEqualTo(7);
    assertThat(frame.type()).isEqualTo(Frame.Type.OUTPUT);
    assertThat(frame.body()).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 255, -1, 65536})
  void anExitStatusIsKept(int status) throws IOException {
    assertThat(throughTheWire(Frame.exit(1, status)).exitStatus()).isEqualTo(status);
  }

  @Test
  void theEndOfTheStreamIsNoFrame() throws IOException {
    assertThat(Frame.readFrom(new DataInputStream(new ByteArrayInputStream(new byte[0]))))
        .isEqualTo(Optional.empty());
  }

  @Test
  void noiseIsRefused() {
    byte[] noise = "Kernel panic - not syncing".getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> Frame.readFrom(new DataInputStream(new ByteArrayInputStream(noise))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a frame");
  }

  @Test
  void aRequestReadIsTheRequestWritten() throws IOException {
    var request = new Request(List.of("echo", "a b", ""), Map.of("NAME", "value"), "/tmp");

    assertThat(Request.decoded(request.encoded())).isEqualTo(request);
  }

  private static Frame throughTheWire(Frame frame) throws IOException {
    var bytes = new ByteArrayOutputStream();
    frame.writeTo(new DataOutputStream(bytes));
    return Frame.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())))
        .orElseThrow();
  }
}
