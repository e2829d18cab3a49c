package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.cni.CniException.Code;
import dev.manul.datastore.DatastoreException;
import dev.manul.model.Address;
import dev.manul.netlink.Errno;
import dev.manul.netlink.NetlinkException;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the runtime is told, word for word. */
final class CniResultTest {

  private static final Attachment ATTACHMENT =
      Attachment.begun(
              new Workload(new AttachmentKey("c1", "eth0"), "default", "web-0", "u"),
              "net",
              "/run/netns/x",
              Instant.EPOCH)
          .withLink(7, "02:00:00:00:00:01", 1440)
          .withAddresses(List.of(Address.parse("10.0.0.9"), Address.parse("fd00::9")));

  private static String result(String version) {
    return Json.text(
        CniResult.ofAdd(
            NetworkConfiguration.of(
                NetworkConfiguration.decode(
                    "{\"cniVersion\":\"" + version + "\",\"name\":\"net\"}")),
            ATTACHMENT));
  }

  @ParameterizedTest
  @CsvSource({"0.3.0", "0.3.1", "0.4.0"})
  void oldVersionsNameTheFamily(String version) {
    assertThat(result(version))
        .isEqualTo(
            """
            {"cniVersion":"%s","interfaces":[\
            {"name":"cali0d7763386da","mac":"ee:ee:ee:ee:ee:ee"},\
            {"name":"eth0","mac":"02:00:00:00:00:01","sandbox":"/run/netns/x"}],\
            "ips":[\
            {"version":"4","interface":1,"address":"10.0.0.9/32","gateway":"169.254.1.1"},\
            {"version":"6","interface":1,"address":"fd00::9/128","gateway":"fe80::ecee:eeff:feee:eeee"}],\
            "routes":[{"dst":"0.0.0.0/0","gw":"169.254.1.1"},\
            {"dst":"::/0","gw":"fe80::ecee:eeff:feee:eeee"}],"dns":{}}\
            """
                .formatted(version));
  }

  @Test
  void version1DoesNot() {
    assertThat(result("1.0.0"))
        .isEqualTo(
            result("0.4.0")
                .replace("0.4.0", "1.0.0")
                .replace("\"version\":\"4\",", "")
                .replace("\"version\":\"6\",", ""));
  }

  @Test
  void version1Point1NamesTheMtu() {
    assertThat(result("1.1.0"))
        .isEqualTo(
            result("1.0.0")
                .replace("1.0.0", "1.1.0")
                .replace("ee:ee:ee:ee:ee:ee\"", "ee:ee:ee:ee:ee:ee\",\"mtu\":1440")
                .replace("00:01\"", "00:01\",\"mtu\":1440"));
  }

  @Test
  void errorsHaveANumberAndKeepToTheVersion() {
    CniException problem = new CniException(Code.NO_ADDRESS, "no address", "block full");

    assertThat(Json.text(CniResult.error("0.4.0", problem)))
        .isEqualTo(
            "{\"cniVersion\":\"0.4.0\",\"code\":100,\"msg\":\"no address\",\"details\":\"block"
                + " full\"}");
    assertThat(CniResult.error("7", problem).path("cniVersion").asText()).isEqualTo("1.1.0");
  }

  @Test
  void whatOtherPartsThrowHasANumberToo() {
    assertThat(CniException.of(new DatastoreException("away")))
        .satisfies(e -> assertThat(e.code().number()).isEqualTo(11))
        .satisfies(e -> assertThat(e.details()).isEqualTo("away"));
    assertThat(CniException.of(new NetlinkException("create x", Errno.EPERM)).code().number())
        .isEqualTo(104);
    assertThat(CniException.of(new IllegalStateException("x")).code().number()).isEqualTo(199);
  }

  @Test
  void attachmentsAreReadAsTheyAreWritten() throws Exception {
    for (Attachment.Phase phase : Attachment.Phase.values()) {
      Attachment attachment = ATTACHMENT.withPhase(phase);
      assertThat(Attachment.ofJson(Json.object(attachment.toJson()))).isEqualTo(attachment);
    }
  }

  @Test
  void hardwareAddressesAreUnicastAndLocal() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1000; i++) {
      assertThat(PodLink.randomMac(random)).matches("[0-9a-f][26ae](:[0-9a-f]{2}){5}");
    }
  }
}
