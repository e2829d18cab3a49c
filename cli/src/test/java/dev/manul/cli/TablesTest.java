package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TablesTest {
  @Test
  void columnsAreThreeApartAndNothingTrails() {
    Table table = new Table(List.of("A", "NAME", "LAST"));
    table.add(List.of("x", "a-long-name", ""));
    table.add(List.of("yyyy", "", "end"));
    assertThat(table.text())
        .isEqualTo(
            """
            A      NAME          LAST
            x      a-long-name
            yyyy                 end

            """);
  }

  @Test
  void framesCentreHeadingsAndSetNumbersRight() {
    FramedTable table = new FramedTable("GROUPING", "CIDR", "IPS TOTAL");
    table.add("IP Pool", "192.168.0.0/16", "65536");
    table.add("Block", "192.168.84.128/26", "64");
    assertThat(table.text())
        .isEqualTo(
            """
            +----------+-------------------+-----------+
            | GROUPING |       CIDR        | IPS TOTAL |
            +----------+-------------------+-----------+
            | IP Pool  | 192.168.0.0/16    |     65536 |
            | Block    | 192.168.84.128/26 |        64 |
            +----------+-------------------+-----------+
            """);
  }

  @Test
  void jsonIsEscapedAndIndented() {
    assertThat(Json.text(Json.object("a", List.of(1, true), "b\n", "\"\\\u0001", "c", null)))
        .isEqualTo(
            """
            {
              "a": [
                1,
                true
              ],
              "b\\n": "\\"\\\\\\u0001",
              "c": null
            }
            """);
  }
}
