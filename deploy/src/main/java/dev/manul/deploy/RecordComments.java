package dev.manul.deploy;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * What the Javadoc of records and enums says of them and of their components, read from the
 * sources: the descriptions of fields are written once, beside the fields.
 */
final class RecordComments {

  private static final String UNVALIDATED = "; null only in a document that has not been validated";

  /**
   * Text by the binary name of a class, or by that with {@code #component} or {@code #CONSTANT}.
   */
  private final Map<String, String> texts = new HashMap<>();

  private RecordComments() {}

  /**
   * Reads all sources of a directory.
   *
   * @throws UncheckedIOException when the directory cannot be read
   */
  static RecordComments read(Path directory) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("descriptions are made with a JDK; this is a bare JVM");
    }
    RecordComments comments = new RecordComments();
    try (Stream<Path> listed = Files.list(directory);
        StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<Path> sources = listed.filter(file -> file.toString().endsWith(".java")).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      DocTrees trees = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        comments.new Scanner(trees, unit.getPackageName() + ".").scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read sources in " + directory, e);
    }
    return comments;
  }

  /** What is said of a class, without its tags. */
  Optional<String> of(Class<?> type) {
    return Optional.ofNullable(texts.get(type.getName()));
  }

  /** What is said of a component of a record or of a constant of an enum. */
  Optional<String> of(Class<?> type, String member) {
    return Optional.ofNullable(texts.get(type.getName() + "#" + member));
  }

  private final class Scanner extends TreePathScanner<Void, Void> {
    private final DocTrees trees;
    private String prefix;

    Scanner(DocTrees trees, String prefix) {
      this.trees = trees;
      this.prefix = prefix;
    }

    @Override
    public Void visitClass(ClassTree node, Void unused) {
      String outer = prefix;
      String name = outer + node.getSimpleName();
      DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
      if (comment != null) {
        put(name, comment.getFullBody(), name);
        for (DocTree tag : comment.getBlockTags()) {
          if (tag instanceof ParamTree param && !param.isTypeParameter()) {
            put(name + "#" + param.getName(), param.getDescription(), name);
          }
        }
      }
      for (var member : node.getMembers()) {
        if (member instanceof VariableTree variable) {
          DocCommentTree said = trees.getDocCommentTree(new TreePath(getCurrentPath(), variable));
          if (said != null) {
            put(name + "#" + variable.getName(), said.getFullBody(), name);
          }
        }
      }
      prefix = name + "$";
      super.visitClass(node, null);
      prefix = outer;
      return null;
    }

    private void put(String key, List<? extends DocTree> body, String scope) {
      String text =
          body.stream()
              .map(tree -> rendered(tree, scope))
              .collect(Collectors.joining())
              .replaceAll("</?p>", " ")
              .replaceAll("\\s+", " ")
              .replace(UNVALIDATED, "")
              .strip();
      if (!text.isEmpty()) {
        texts.putIfAbsent(key, sentence(text));
      }
    }
  }

  private static String sentence(String text) {
    String capital =
        startsWithName(text)
            ? text
            : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    return capital.endsWith(".") ? capital : capital + ".";
  }

  /** Device names and the like keep their small letter. */
  private static boolean startsWithName(String text) {
    return text.startsWith("tunl0");
  }

  private static String rendered(DocTree tree, String scope) {
    return switch (tree) {
      case TextTree text -> text.getBody();
      case LiteralTree literal -> literal.getBody().getBody();
      case LinkTree link when !link.getLabel().isEmpty() ->
          link.getLabel().stream()
              .map(label -> rendered(label, scope))
              .collect(Collectors.joining());
      case LinkTree link -> target(link.getReference().getSignature(), scope);
      default -> tree.toString();
    };
  }

  /** What a link to a constant stands for in a document: its value; else the name linked to. */
  private static String target(String signature, String scope) {
    int hash = signature.indexOf('#');
    if (hash < 0) {
      return signature;
    }
    String member = signature.substring(hash + 1);
    String wanted = signature.substring(0, hash);
    for (String outer = scope;
        outer.indexOf('$') >= 0 || wanted.isEmpty() || outer.equals(scope); ) {
      Optional<String> value = constant(wanted.isEmpty() ? outer : outer + "$" + wanted, member);
      int dollar = outer.lastIndexOf('$');
      if (value.isPresent() || dollar < 0) {
        return value.or(() -> constant(packageOf(scope) + wanted, member)).orElse(member);
      }
      outer = outer.substring(0, dollar);
    }
    return constant(packageOf(scope) + wanted, member).orElse(member);
  }

  private static String packageOf(String className) {
    return className.substring(0, className.lastIndexOf('.') + 1);
  }

  private static Optional<String> constant(String className, String member) {
    try {
      Object value = Class.forName(className).getField(member).get(null);
      return value instanceof String || value instanceof Number || value instanceof Enum<?>
          ? Optional.of(value.toString())
          : Optional.empty();
    } catch (ReflectiveOperationException e) {
      return Optional.empty(); // the link is to something else
    }
  }
}
