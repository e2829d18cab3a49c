package dev.manul.bgp.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureCountersTest {

  @Test
  void theKernelsTableIsReadByName() {
    SignatureCounters counters =
        SignatureCounters.parse(
            List.of(
                "MPTcpExt: MD5SigFallback",
                "MPTcpExt: 9",
                "TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted",
                "TcpExt: 1 20 300 4000 5"));
    assertThat(counters).isEqualTo(new SignatureCounters(20, 300, 4000));
    assertThat(counters.since(new SignatureCounters(19, 300, 1)))
        .isEqualTo(new SignatureCounters(1, 0, 3999));
  }

  @Test
  void aKernelWithoutThemCountsNothing() {
    SignatureCounters none = new SignatureCounters(0, 0, 0);
    assertThat(SignatureCounters.parse(List.of())).isEqualTo(none);
    assertThat(SignatureCounters.parse(List.of("TcpExt: SyncookiesSent", "TcpExt: 1")))
        .isEqualTo(none);
    assertThat(SignatureCounters.parse(List.of("TcpExt: TCPMD5NotFound"))).isEqualTo(none);
  }
}
