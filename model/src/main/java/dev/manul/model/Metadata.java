package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * The metadata of a resource, as far as Manul reads it.
 *
 * @param name the resource's name
 * @param namespace its namespace, or "" for a kind without namespaces
 * @param labels labels, never null
 * @param annotations annotations, never null
 * @param resourceVersion the datastore's opaque version of what was read, or "" when never stored
 * @param uid the identity given at creation, or ""
 * @param creationTimestamp RFC 3339 time of creation, or ""
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Metadata(
    String name,
    String namespace,
    Map<String, String> labels,
    Map<String, String> annotations,
    String resourceVersion,
    String uid,
    String creationTimestamp) {

  public Metadata {
    name = name == null ? "" : name;
    namespace = namespace == null ? "" : namespace;
    labels = labels == null ? Map.of() : Map.copyOf(labels);
    annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    resourceVersion = resourceVersion == null ? "" : resourceVersion;
    uid = uid == null ? "" : uid;
    creationTimestamp = creationTimestamp == null ? "" : creationTimestamp;
  }

  public static Metadata named(String name) {
    return new Metadata(name, "", Map.of(), Map.of(), "", "", "");
  }

  public static Metadata named(String namespace, String name) {
    return new Metadata(name, namespace, Map.of(), Map.of(), "", "", "");
  }

  public Metadata withResourceVersion(String version) {
    return new Metadata(name, namespace, labels, annotations, version, uid, creationTimestamp);
  }

  public Metadata withLabels(Map<String, String> newLabels) {
    return new Metadata(
        name, namespace, newLabels, annotations, resourceVersion, uid, creationTimestamp);
  }

  public Metadata withAnnotations(Map<String, String> newAnnotations) {
    return new Metadata(
        name, namespace, labels, newAnnotations, resourceVersion, uid, creationTimestamp);
  }

  /** The same metadata as a new object's: the given identity and time, at the given version. */
  public Metadata created(String newUid, String timestamp, String version) {
    return new Metadata(name, namespace, labels, annotations, version, newUid, timestamp);
  }
}
