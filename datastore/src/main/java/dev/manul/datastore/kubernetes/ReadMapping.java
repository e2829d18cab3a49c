package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.datastore.StoredTree;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Kinds of Kubernetes that Manul only reads, and of which its records have what it reads: the rest
 * of an object is not kept, nor is a change of it one.
 */
final class ReadMapping<R extends Resource> implements Mapping<R> {

  private final Kind<R> kind;
  private final ObjectPath path;
  private final boolean annotated;
  private final List<ObjectPath> olderPaths;

  /**
   * A mapping.
   *
   * @param annotated whether annotations are of interest; those of some kinds say when they changed
   *     and nothing else
   */
  ReadMapping(Kind<R> kind, boolean annotated) {
    this(kind, annotated, List.of());
  }

  private ReadMapping(Kind<R> kind, boolean annotated, List<ObjectPath> olderPaths) {
    this.kind = kind;
    this.path = ObjectPath.of(kind);
    this.annotated = annotated;
    this.olderPaths = olderPaths;
  }

  /** The same kind, which older servers have in another version of its group. */
  ReadMapping<R> orIn(String olderGroup) {
    return new ReadMapping<>(
        kind, annotated, List.of(new ObjectPath(olderGroup, kind.plural(), kind.namespaced())));
  }

  @Override
  public Kind<R> kind() {
    return kind;
  }

  @Override
  public ObjectPath path() {
    return path;
  }

  @Override
  public List<ObjectPath> olderPaths() {
    return olderPaths;
  }

  @Override
  public boolean isOptional() {
    return true;
  }

  @Override
  @SuppressWarnings("unchecked") // withMetadata gives the same kind of record
  public Optional<R> read(Map<String, Object> tree) {
    R resource = StoredTree.read(kind, tree).resource();
    Metadata metadata = Mapping.metadata(tree);
    if (!annotated) {
      metadata = metadata.withAnnotations(Map.of());
    }
    return Optional.of(ContentVersion.stamp((R) resource.withMetadata(metadata)));
  }

  @Override
  public String query(Selection selection) {
    return selection.name().map(name -> Mapping.fieldQuery("metadata.name", name)).orElse("")
        + Mapping.labelQuery(selection.labels());
  }
}
