package dev.manul.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SelectorTest {

  /** Labels are written {@code k=v;k=v}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "``                          ~ a=1       ~ true",
        "`   `                       ~ -         ~ true",
        "all()                       ~ -         ~ true",
        "all( )                      ~ -         ~ true",
        "global()                    ~ -         ~ true",
        "global() ~ projectcalico.org/namespace=x ~ false",
        "has(a)                      ~ a=        ~ true",
        "has( a )                    ~ b=1       ~ false",
        "!has(a)                     ~ b=1       ~ true",
        "!!has(a)                    ~ a=1       ~ true",
        "a == 'b'                    ~ a=b       ~ true",
        "a=='b'                      ~ a=b       ~ true",
        "a == \"b\"                  ~ a=b       ~ true",
        "a == 'b'                    ~ a=c       ~ false",
        "a == 'b'                    ~ -         ~ false",
        "a == ''                     ~ a=        ~ true",
        "a == ''                     ~ -         ~ false",
        "a != 'b'                    ~ a=b       ~ false",
        "a != 'b'                    ~ a=c       ~ true",
        "a != 'b'                    ~ -         ~ true",
        "a in {'b', 'c'}             ~ a=c       ~ true",
        "a in {'b','c'}              ~ a=d       ~ false",
        "a in {'b'}                  ~ -         ~ false",
        "a in {}                     ~ a=b       ~ false",
        "a in{'b'}                   ~ a=b       ~ true",
        "a not in {'b','c'}          ~ a=c       ~ false",
        "a not in {'b'}              ~ a=d       ~ true",
        "a not in {'b'}              ~ -         ~ true",
        "a  not\tin {'b'}            ~ a=d       ~ true",
        "a contains 'bc'             ~ a=abcd    ~ true",
        "a contains 'bc'             ~ a=acb     ~ false",
        "a contains ''               ~ -         ~ false",
        "a starts with 'ab'          ~ a=abc     ~ true",
        "a starts with 'bc'          ~ a=abc     ~ false",
        "a ends with 'bc'            ~ a=abc     ~ true",
        "a ends with 'ab'            ~ a=abc     ~ false",
        "a == 'b' && c == 'd'        ~ a=b;c=d   ~ true",
        "a == 'b' && c == 'd'        ~ a=b       ~ false",
        "a == 'b' || c == 'd'        ~ c=d       ~ true",
        "a == 'b' || c == 'd'        ~ c=e       ~ false",
        "has(a) || has(b) && has(c)  ~ a=1       ~ true",
        "(has(a) || has(b)) && has(c) ~ a=1      ~ false",
        "!has(a) && has(b)           ~ b=1       ~ true",
        "!(has(a) && has(b))         ~ b=1       ~ true",
        "!a == 'b'                   ~ a=c       ~ true",
        "a == 'it\"s'                ~ a=it\"s   ~ true",
        "a == \"it's\"               ~ a=it's    ~ true",
        "app.kubernetes.io/name == 'x-y_z/1' ~ app.kubernetes.io/name=x-y_z/1 ~ true",
        "in in {'in'}                ~ in=in     ~ true",
        "not not in {'a'}            ~ not=b     ~ true",
        "has == 'x'                  ~ has=x     ~ true",
        "all != 'x'                  ~ -         ~ true",
        "contains contains 'a'       ~ contains=a ~ true",
      })
  void matches(String text, String labels, boolean expected) {
    assertThat(Selector.parse(text).matches(labels(labels))).isEqualTo(expected);
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new HashMap<>();
    if (text != null) {
      for (String pair : text.split(";", -1)) {
        int equals = pair.indexOf('=');
        labels.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return labels;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "a                 ~ 2  ~ expected ==, !=, in, not in, contains, starts with or ends with",
        "a =  'b'          ~ 3  ~ expected ==, !=,",
        "a == b            ~ 6  ~ expected a string in quotes, found 'b'",
        "a ==              ~ 5  ~ expected a string in quotes, found the end",
        "a == 'b           ~ 6  ~ the string is not closed",
        "a == 'b' c        ~ 10 ~ expected &&, || or the end, found 'c'",
        "a == 'b' & has(c) ~ 10 ~ expected &&, || or the end, found '&'",
        "a == 'b' &&       ~ 12 ~ expected a label",
        "(a == 'b'         ~ 10 ~ expected ), found the end",
        "a == 'b')         ~ 9  ~ expected &&, || or the end, found ')'",
        "has()             ~ 5  ~ expected a label",
        "has(a             ~ 6  ~ expected ), found the end",
        "any()             ~ 1  ~ expected has(LABEL), all() or global(), found 'a'",
        "a in 'b'          ~ 6  ~ expected {, found '''",
        "a in {'b'         ~ 10 ~ expected }, found the end",
        "a in {'b',}       ~ 11 ~ expected a string in quotes, found '}'",
        "a not {'b'}       ~ 3  ~ expected ==, !=,",
        "a starts 'b'      ~ 3  ~ expected ==, !=,",
        "a ends wit 'b'    ~ 3  ~ expected ==, !=,",
        "a == 'b' ||| c    ~ 12 ~ expected a label",
        "ä == 'b'          ~ 1  ~ expected a label",
      })
  void refuses(String text, int position, String message) {
    assertThatThrownBy(() -> Selector.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("selector \"" + text + "\": position " + position + ": " + message);
  }

  @Test
  void refusesWhatIsTooLongOrTooDeep() {
    assertThat(Selector.parse("has(" + "a".repeat(512) + ")")).isNotNull();
    assertThatThrownBy(() -> Selector.parse("has(" + "a".repeat(513) + ")"))
        .hasMessageContaining("longer than 512");
    assertThat(Selector.parse("(".repeat(150) + "all()" + ")".repeat(150))).isNotNull();
    assertThatThrownBy(() -> Selector.parse("(".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nested more than 200 deep");
    assertThatThrownBy(() -> Selector.parse("!".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textOfASelectorParsesToAnEqualOne() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      Selector selector = random(random, 4);
      assertThat(Selector.parse(selector.toString())).isEqualTo(selector);
    }
  }

  @Test
  void noTextBreaksTheParser() {
    Random random = new Random(2);
    String alphabet = "ab'\"(){}!=&|, in not has all() contains starts with\t";
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        assertThat(Selector.parse(text.toString())).isNotNull();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("position");
      }
    }
  }

  private static Selector random(Random random, int depth) {
    String label = "k" + random.nextInt(3);
    String value = "v" + random.nextInt(3);
    return switch (random.nextInt(depth > 0 ? 13 : 10)) {
      case 0 -> Selector.ALL;
      case 1 -> new Selector.Global();
      case 2 -> new Selector.Has(label);
      case 3 -> new Selector.Equal(label, value + "'");
      case 4 -> new Selector.NotEqual(label, value + "\"");
      case 5 -> new Selector.In(label, java.util.Set.of(value, "x"));
      case 6 -> new Selector.NotIn(label, java.util.Set.of(value));
      case 7 -> new Selector.Contains(label, value);
      case 8 -> new Selector.StartsWith(label, value);
      case 9 -> new Selector.EndsWith(label, value);
      case 10 -> new Selector.Not(random(random, depth - 1));
      case 11 -> new Selector.And(several(random, depth));
      default -> new Selector.Or(several(random, depth));
    };
  }

  private static List<Selector> several(Random random, int depth) {
    List<Selector> terms = new ArrayList<>();
    for (int n = 2 + random.nextInt(2); n > 0; n--) {
      terms.add(random(random, depth - 1));
    }
    return terms;
  }
}
