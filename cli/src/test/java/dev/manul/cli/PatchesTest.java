package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.ResourceText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchesTest {
  private static Object tree(String json) {
    return ResourceText.parseTrees(json, "test").getFirst();
  }

  /** The examples of RFC 7386 appendix A that objects have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':'b'}|{'a':'c'}|{'a':'c'}",
        "{'a':'b'}|{'b':'c'}|{'a':'b','b':'c'}",
        "{'a':'b'}|{'a':null}|{}",
        "{'a':'b','b':'c'}|{'a':null}|{'b':'c'}",
        "{'a':['b']}|{'a':'c'}|{'a':'c'}",
        "{'a':'c'}|{'a':['b']}|{'a':['b']}",
        "{'a':{'b':'c'}}|{'a':{'b':'d','c':null}}|{'a':{'b':'d'}}",
        "{'a':[{'b':'c'}]}|{'a':[1]}|{'a':[1]}",
        "{'e':null}|{'a':1}|{'e':null,'a':1}",
        "{}|{'a':{'bb':{'ccc':null}}}|{'a':{'bb':{}}}"
      },
      quoteCharacter = '%')
  void mergesAsTheRfcSays(String target, String patch, String result) {
    assertThat(MergePatch.apply(tree(quoted(target)), tree(quoted(patch))))
        .isEqualTo(tree(quoted(result)));
  }

  /** The examples of RFC 6902 appendix A. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'foo':'bar'}|[{'op':'add','path':'/baz','value':'qux'}]|{'foo':'bar','baz':'qux'}",
        "{'foo':['bar','baz']}|[{'op':'add','path':'/foo/1','value':'qux'}]"
            + "|{'foo':['bar','qux','baz']}",
        "{'baz':'qux','foo':'bar'}|[{'op':'remove','path':'/baz'}]|{'foo':'bar'}",
        "{'foo':['bar','qux','baz']}|[{'op':'remove','path':'/foo/1'}]|{'foo':['bar','baz']}",
        "{'baz':'qux'}|[{'op':'replace','path':'/baz','value':'boo'}]|{'baz':'boo'}",
        "{'a':[1,2]}|[{'op':'replace','path':'/a/0','value':5}]|{'a':[5,2]}",
        "{'foo':{'bar':'baz','waldo':'fred'},'qux':{'corge':'grault'}}"
            + "|[{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]"
            + "|{'foo':{'bar':'baz'},'qux':{'corge':'grault','thud':'fred'}}",
        "{'foo':['all','grass','cows','eat']}|[{'op':'move','from':'/foo/1','path':'/foo/3'}]"
            + "|{'foo':['all','cows','eat','grass']}",
        "{'baz':'qux','foo':['a',2,'c']}|[{'op':'test','path':'/foo/1','value':2.0}]"
            + "|{'baz':'qux','foo':['a',2,'c']}",
        "{'foo':['bar']}|[{'op':'add','path':'/foo/-','value':['abc','def']}]"
            + "|{'foo':['bar',['abc','def']]}",
        "{'/':9,'~1':10}|[{'op':'test','path':'/~01','value':10}]|{'/':9,'~1':10}",
        "{'a':{'b':1}}|[{'op':'copy','from':'/a','path':'/c'}]|{'a':{'b':1},'c':{'b':1}}",
        "{'a':1}|[{'op':'add','path':'','value':{'b':2}}]|{'b':2}"
      },
      quoteCharacter = '%')
  void operatesAsTheRfcSays(String document, String patch, String result) {
    assertThat(JsonPatch.apply(tree(quoted(document)), tree(quoted(patch))))
        .isEqualTo(tree(quoted(result)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'op':'test','path':'/a','value':2}|operation 1: test of '/a' failed",
        "{'op':'add','path':'/b/c','value':2}|operation 1: there is no '/b'",
        "{'op':'remove','path':'/b'}|operation 1: there is no '/b'",
        "{'op':'replace','path':'/l/9','value':2}"
            + "|operation 1: '9' is not a place in a list of this length",
        "{'op':'add','path':'/l/01','value':2}"
            + "|operation 1: '01' is not a place in a list of this length",
        "{'op':'add','path':'b','value':2}|operation 1: path 'b' must begin with '/'",
        "{'op':'add','path':'/b'}|operation 1: 'value' is missing",
        "{'path':'/b'}|operation 1: 'op' is missing",
        "{'op':'frob','path':'/b'}|operation 1: op 'frob' is not known; it must be one of add,"
            + " remove, replace, move, copy, test",
        "{'op':'move','from':'/l','path':'/l/0'}|operation 1: cannot move a value into itself"
      },
      quoteCharacter = '%')
  void namesTheOperationThatFails(String operation, String message) {
    Object document = tree("{\"a\":1,\"l\":[1]}");
    assertThatThrownBy(() -> JsonPatch.apply(document, tree("[" + quoted(operation) + "]")))
        .hasMessage(message);
    assertThat(document).isEqualTo(tree("{\"a\":1,\"l\":[1]}"));
  }

  private static String quoted(String text) {
    return text.replace('\'', '"');
  }
}
