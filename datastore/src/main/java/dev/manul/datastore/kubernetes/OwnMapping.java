package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.datastore.StoredTree;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Resources of Manul's own kinds, which are objects as they stand.
 *
 * <p>Fields that a kind does not know are not in its records. They are remembered here, with the
 * version in which they were seen, and put back when that version is written.
 */
final class OwnMapping<R extends Resource> implements Mapping<R> {

  /** Objects with unknown fields are few; what goes beyond is forgotten, the oldest first. */
  private static final int MOST_REMEMBERED = 10_000;

  private static final Set<Kind<?>> OF_POLICY =
      Set.of(
          Tier.KIND,
          GlobalNetworkSet.KIND,
          NetworkSet.KIND,
          Profile.KIND,
          GlobalNetworkPolicy.KIND,
          NetworkPolicy.KIND,
          StagedGlobalNetworkPolicy.KIND,
          StagedNetworkPolicy.KIND,
          StagedKubernetesNetworkPolicy.KIND,
          HostEndpoint.KIND);

  /** Unknown fields of one version of an object. */
  private record Remembered(String version, Map<String, Map<String, Object>> unknown) {}

  private final Kind<R> kind;
  private final ObjectPath path;
  private final Map<Key, Remembered> remembered =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Remembered> eldest) {
              return size() > MOST_REMEMBERED;
            }
          });

  OwnMapping(Kind<R> kind) {
    this.kind = kind;
    this.path = ObjectPath.of(kind);
  }

  @Override
  public Kind<R> kind() {
    return kind;
  }

  @Override
  public ObjectPath path() {
    return path;
  }

  /** Policies may be used without, by clusters whose definitions are of before them. */
  @Override
  public boolean isOptional() {
    return OF_POLICY.contains(kind);
  }

  @Override
  public Optional<R> read(Map<String, Object> tree) {
    StoredTree<R> stored = StoredTree.read(kind, tree);
    R resource = stored.resource();
    if (stored.unknown().isEmpty()) {
      forget(resource.key());
    } else {
      remembered.put(
          resource.key(), new Remembered(resource.metadata().resourceVersion(), stored.unknown()));
    }
    return Optional.of(resource);
  }

  /** Whether an object has fields that its kind does not know. */
  boolean hasUnknown(Key key) {
    return remembered.containsKey(key);
  }

  void forget(Key key) {
    remembered.remove(key);
  }

  /** The object to write for a resource. */
  Map<String, Object> write(R resource) {
    Remembered known = remembered.get(resource.key());
    boolean same = known != null && known.version().equals(resource.metadata().resourceVersion());
    return StoredTree.write(resource, same ? known.unknown() : Map.of());
  }

  @Override
  public String query(Selection selection) {
    return Mapping.labelQuery(selection.labels());
  }
}
