package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Optional;

/** Resources in the Kubernetes API. */
public final class KubernetesDatastore implements Datastore {
  private KubernetesDatastore() {}

  public static KubernetesDatastore open(KubernetesAccess access) {
    return new KubernetesDatastore();
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
