package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.ResourceText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Results are kubectl's, but that it wants braces and a first dot, and refuses an index past the
 * end.
 */
class JsonPathTest {
  private static final Object TREE =
      ResourceText.parseTrees(
              """
              {"kind": "List", "items": [
                {"metadata": {"name": "a", "labels": {"kubernetes.io/hostname": "h1"}},
                 "spec": {"port": 80, "on": true, "nets": ["10.0.0.0/8", "fd00::/8"]},
                 "status": {"conditions": [{"type": "Ready", "status": "True"},
                                           {"type": "Old", "status": "False"}]}},
                {"metadata": {"name": "b"}, "spec": {"port": 443}},
                {"metadata": {"name": "c"}, "spec": {"port": 8080, "on": false}}]}
              """,
              "test")
          .getFirst();

  private static String render(String template) {
    return JsonPathTemplate.read(template).render(TREE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{.kind}|List",
        "{$.kind}|List",
        "{@.kind}|List",
        "{kind}|List",
        ".kind|List",
        "{.items[*].metadata.name}|a b c",
        "{.items[0].metadata.name}|a",
        "{.items[-1].metadata.name}|c",
        "{.items[0,2].metadata.name}|a c",
        "{.items[0:2].metadata.name}|a b",
        "{.items[1:].metadata.name}|b c",
        "{.items[-2:].metadata.name}|b c",
        "{.items[7].metadata.name}|``",
        "{..name}|a b c",
        "{.items[0].metadata.labels.kubernetes\\.io/hostname}|h1",
        "{.items[0].metadata.labels['kubernetes.io/hostname']}|h1",
        "{.items[0]['metadata']['name']}|a",
        "{.items[0].spec.nets}|[\"10.0.0.0/8\",\"fd00::/8\"]",
        "{.items[0].metadata.labels}|{\"kubernetes.io/hostname\":\"h1\"}",
        "{.items[0].spec.nets[*]}|10.0.0.0/8 fd00::/8",
        "{.items[0].metadata.*}|a {\"kubernetes.io/hostname\":\"h1\"}",
        "{.items[?(@.metadata.name==\"b\")].spec.port}|443",
        "{.items[?(@.spec.port > 100)].metadata.name}|b c",
        "{.items[?(@.spec.port<=443)].metadata.name}|a b",
        "{.items[?(@.metadata.name!='b')].metadata.name}|a c",
        "{.items[?(@.spec.on==true)].metadata.name}|a",
        "{.items[?(@.spec.on)].metadata.name}|a c",
        "{.items[*].status.conditions[?(@.type==\"Ready\")].status}|True",
        "{.missing.field}|``",
        "name: {.items[0].metadata.name}!|name: a!",
        "{\"a }\\tb\"}|a }\tb",
        "{range .items[*]}{.metadata.name}={.spec.port};{end}|a=80;b=443;c=8080;",
        "{range .items[0:1]}{range .spec.nets[*]}<{@}>{end}{end}|<10.0.0.0/8><fd00::/8>"
      })
  void finds(String template, String expected) {
    assertThat(render(template)).isEqualTo(expected);
  }

  @Test
  void linesByEscapes() {
    assertThat(render("{range .items[*]}{.metadata.name}{\"\\n\"}{end}")).isEqualTo("a\nb\nc\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{.items[}",
        "{.items[*}",
        "{.items[x]}",
        "{.items[?(@.a==b)]}",
        "{.a b}",
        "{.a..}",
        "{.a",
        "{range .items[*]}x",
        "{end}",
        "{.items['a]}",
        "{.items[99999999999]}"
      })
  void refuses(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageStartingWith("jsonpath");
  }
}
