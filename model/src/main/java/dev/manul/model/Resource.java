package dev.manul.model;

/**
 * A stored object: of {@code projectcalico.org/v3}, or one of Kubernetes' own that Manul reads.
 *
 * <p>Resources are records: equal when all their fields are. A resource read from a datastore has a
 * resource version in its metadata; one made by hand has none.
 */
public interface Resource {

  /** The API group and version of Manul's own resources. */
  String API_VERSION = "projectcalico.org/v3";

  Kind<? extends Resource> kind();

  Metadata metadata();

  /** The same resource with other metadata. */
  Resource withMetadata(Metadata metadata);

  default Key key() {
    return new Key(metadata().namespace(), metadata().name());
  }
}
