package dev.manul.bgp.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.RoundTrip;
import java.io.IOException;
import java.util.List;

/** What is asked of every peer. */
final class Stages {
  private final PeerRun run;

  Stages(PeerRun run) {
    this.run = run;
  }

  void all() {
    List.of(
            new ExternalStage(run),
            new Ipv6Stage(run),
            new PathsStage(run),
            new ExtensionsStage(run),
            new ReflectionStage(run),
            new RefusalStage(run))
        .forEach(Stage::play);
    run.check(Feature.SAME_OCTETS, this::sameOctets);
  }

  private void sameOctets() throws IOException {
    var contexts = Conversation.contexts(Capture.read(run.lab.path("capture")));
    assertThat(contexts.stream().filter(c -> c.message().type() == PeerRun.UPDATE))
        .hasSizeGreaterThan(10);
    contexts.forEach(c -> RoundTrip.check(c.message().octets().toArray(), c.context()));
  }
}
