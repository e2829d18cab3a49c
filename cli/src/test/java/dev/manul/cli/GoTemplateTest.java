package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoTemplateTest {
  private static final Map<String, Object> POOL =
      Map.of(
          "kind",
          "IPPool",
          "metadata",
          Map.of("name", "a", "labels", Map.of("x.y/z", "1", "b", "2")),
          "spec",
          Map.of(
              "cidr",
              "10.0.0.0/8",
              "ipipMode",
              "Always",
              "blockSize",
              26L,
              "natOutgoing",
              true,
              "allowedUses",
              List.of("Workload", "Tunnel")));

  private static final Map<String, Object> LIST =
      Map.of(
          "kind",
          "IPPoolList",
          "items",
          List.of(POOL, Map.of("metadata", Map.of("name", "b"), "spec", Map.of())));

  private static String render(String template) {
    return GoTemplate.read(template.replace("\\n", "\n")).render(LIST);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "plain text ~ plain text",
        "{{.kind}} ~ IPPoolList",
        "{{range .items}}{{.metadata.name}} {{end}}. ~ a b .",
        "{{range .}}{{range .Items}}{{.ObjectMeta.Name}}={{.Spec.IPIPMode}};{{end}}{{end}} ~ a=Always;b=<no value>;",
        "{{range $i, $p := .items}}{{$i}}:{{$p.metadata.name}},{{end}} ~ 0:a,1:b,",
        "{{range $p := .items}}{{$p.metadata.name}}/{{$.kind}} {{end}}. ~ a/IPPoolList b/IPPoolList .",
        "{{range .items}}{{if .spec.natOutgoing}}nat{{else}}none{{end}} {{end}}. ~ nat none .",
        "{{range .items}}{{if eq .metadata.name \"b\"}}2{{else if .spec.cidr}}1{{end}}{{end}} ~ 12",
        "{{range .nothing}}x{{else}}empty{{end}} ~ empty",
        "{{with (index .items 0).spec}}{{.cidr}}{{end}} ~ 10.0.0.0/8",
        "{{with .nothing}}x{{else}}{{.kind}}{{end}} ~ IPPoolList",
        "{{len .items}} {{len .kind}} ~ 2 10",
        "{{index .items 0 \"metadata\" \"labels\" \"x.y/z\"}} ~ 1",
        "{{printf \"%s|%5d|%-4v|%q|%t|%%\" .kind 7 26 \"q\" true}} ~ IPPoolList|    7|26  |\"q\"|true|%",
        "{{(index .items 0).spec.allowedUses}} ~ [Workload Tunnel]",
        "{{(index .items 0).metadata.labels}} ~ map[b:2 x.y/z:1]",
        "{{range $k, $v := (index .items 0).metadata.labels}}{{$k}}={{$v}} {{end}}. ~ b=2 x.y/z=1 .",
        "{{join (index .items 0).spec.allowedUses \", \"}} ~ Workload, Tunnel",
        "{{joinAndTruncate (index .items 0).spec.allowedUses \",\" 11}} ~ Workload...",
        "{{.kind | printf \"%s!\" | len}} ~ 11",
        "{{and .kind .nothing}}{{or .nothing .kind}} {{not .kind}} ~ <no value>IPPoolList false",
        "{{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"a\" \"b\"}} {{ge 2 3}} {{eq 26 26.0}} {{eq .kind \"x\" \"IPPoolList\"}} ~ true true true false false true true",
        "{{$x := len .items}}{{$x}}{{$x}} ~ 22",
        "a  {{- /* gone */ -}}  b ~ ab",
        "a {{- .kind -}} b ~ aIPPoolListb",
        "{{`{{raw}}`}} {{\"\\t\" | len}} ~ {{raw}} 1",
        "{{print .kind 1}} {{println \"x\" 2 | len}} ~ IPPoolList1 4",
      })
  void renders(String template, String expected) {
    assertThat(render(template).strip()).isEqualTo(expected);
  }

  @Test
  void oneResourceIsItselfAndAListOfOne() {
    assertThat(GoTemplate.read("{{.metadata.name}} {{range .}}{{.Spec.CIDR}}{{end}}").render(POOL))
        .isEqualTo("a 10.0.0.0/8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "{{if .kind}}x ~ go-template: {{if}} has no {{end}}",
        "{{else}} ~ go-template: {{else}} without an {{if}}, {{range}} or {{with}} before it",
        "{{.kind .items}} ~ go-template: only a function can be given arguments",
        "{{len}} ~ go-template: len wants 1 arguments, and has 0",
        "{{len 5}} ~ go-template: 5 has no len",
        "{{(.kind}} ~ go-template {{(.kind}}: at character 7 ')' is wanted",
        "{{.kind)}} ~ go-template {{.kind)}}: at character 6 ')' is not expected",
        "{{.kind |}} ~ go-template {{.kind |}}: at character 8 a value is wanted",
        "{{\"x}} ~ go-template: the {{ at character 1 is not closed by }}",
        "{{index .items 9}} ~ go-template: index 9 is not within a list of 2",
        "{{lt 1 \"a\"}} ~ go-template: 1 and a are not of one sort, to be compared",
        "{{printf \"%z\" 1}} ~ go-template: printf has no %z; it has %s, %v, %d, %q, %t, %x, %f and %%",
        "{{printf \"%d\" \"x\"}} ~ go-template: printf %d wants a number, not x",
        "{{printf \"%d\"}} ~ go-template: printf has fewer arguments than verbs",
        "{{range .kind}}{{end}} ~ go-template: range cannot go through IPPoolList",
        "{{if .kind}}{{else}}{{else}}{{end}} ~ go-template: {{else}} is followed by {{end}}",
      })
  void complains(String template, String line) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOfSatisfying(
            CommandFailure.class, failure -> assertThat(failure.lines()).containsExactly(line));
  }
}
