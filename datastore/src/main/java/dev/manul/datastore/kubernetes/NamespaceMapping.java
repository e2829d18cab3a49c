package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.Kind;
import dev.manul.model.Namespace;
import java.util.Map;
import java.util.Optional;

/** Namespaces as Manul reads them. */
final class NamespaceMapping implements Mapping<Namespace> {

  @Override
  public Kind<Namespace> kind() {
    return Namespace.KIND;
  }

  @Override
  public ObjectPath path() {
    return ObjectPath.of(Namespace.KIND);
  }

  @Override
  public Optional<Namespace> read(Map<String, Object> tree) {
    return Optional.of(
        ContentVersion.stamp(new Namespace(Mapping.withOwnAnnotations(Mapping.metadata(tree)))));
  }

  @Override
  public String query(Selection selection) {
    return Mapping.labelQuery(selection.labels());
  }
}
