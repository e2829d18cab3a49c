package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a network's configuration says of a bridge. */
final class BridgeSettingsTest {

  private static Optional<BridgeSettings> read(String fields) {
    String text = "{'cniVersion':'1.1.0','name':'n','type':'manul'" + fields + "}";
    return NetworkConfiguration.of(NetworkConfiguration.decode(text.replace('\'', '"'))).bridge();
  }

  @Test
  void podsHaveRoutesUnlessABridgeIsAskedFor() {
    assertThat(read("")).isEmpty();
    assertThat(read(",'attachment':'routed','bridge':'br1'")).isEmpty();
    assertThat(read(",'attachment':'bridge'")).contains(new BridgeSettings("cni0", false, false));
  }

  @Test
  void theNamesAreThoseOfTheReferencePlugin() {
    assertThat(
            read(
                ",'attachment':'bridge','bridge':'kbr0','isGateway':true,'isDefaultGateway':true,"
                    + "'hairpinMode':true"))
        .contains(new BridgeSettings("kbr0", true, false));
    assertThat(read(",'attachment':'bridge','promiscMode':true"))
        .contains(new BridgeSettings("cni0", false, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ",'attachment':'Bridge'| attachment \"Bridge\"; allowed: routed, bridge",
        ",'attachment':'bridge','bridge':'a/b'| bridge \"a/b\" is not a link's name",
        ",'attachment':'bridge','bridge':'..'| bridge \"..\" is not a link's name",
        ",'attachment':'bridge','bridge':'sixteen-letters-'| 1 to 15 letters",
        ",'attachment':'bridge','isGateway':false| isGateway and isDefaultGateway cannot be false",
        ",'attachment':'bridge','hairpinMode':true,'promiscMode':true| cannot both be true",
        ",'attachment':'bridge','hairpinMode':'perhaps'| hairpinMode",
      })
  void whatIsWrongIsToldInOneLine(String fields, String message) {
    assertThatThrownBy(() -> read(fields))
        .isInstanceOf(CniException.class)
        .hasMessageContaining(message)
        .extracting(Throwable::getMessage)
        .asString()
        .doesNotContain("\n");
  }

  @Test
  void anAddresssHardwareAddressIsAlwaysTheSame() {
    assertThat(Bridges.mac(List.of(Address.parse("10.244.1.5")))).isEqualTo("0a:58:0a:f4:01:05");
    assertThat(Bridges.mac(List.of(Address.parse("fd00::5"), Address.parse("10.244.1.5"))))
        .isEqualTo("0a:58:0a:f4:01:05");
    String six = Bridges.mac(List.of(Address.parse("fd00::5")));
    assertThat(six).matches("0a:58(:[0-9a-f]{2}){4}");
    assertThat(Bridges.mac(List.of(Address.parse("fd00::6")))).isNotEqualTo(six);
  }
}
