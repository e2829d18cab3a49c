package dev.manul.model;

import java.util.List;

/**
 * What a cluster is: its identity, what runs in it, and whether its datastore may be written to.
 * There is one, named {@code default}; agents and {@code manulctl datastore migrate} write it.
 */
public record ClusterInformation(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<ClusterInformation> KIND =
      new Kind<>(
          "ClusterInformation",
          "clusterinformations",
          false,
          ClusterInformation.class,
          List.of("clusterinformation", "clusterinfo", "clusterinfos"));

  /** The name of the only one. */
  public static final String DEFAULT_NAME = "default";

  /** The key of the only one. */
  public static final Key DEFAULT_KEY = Key.of(DEFAULT_NAME);

  /** The {@code variant} of clusters whose agents are Manul's. */
  public static final String VARIANT = "Manul";

  public ClusterInformation {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<ClusterInformation> kind() {
    return KIND;
  }

  @Override
  public ClusterInformation withMetadata(Metadata newMetadata) {
    return new ClusterInformation(newMetadata, spec);
  }

  public ClusterInformation withSpec(Spec newSpec) {
    return new ClusterInformation(metadata, newSpec);
  }

  /** Whether somebody has locked the datastore, so that no addresses may be given out. */
  public boolean locked() {
    return !spec.datastoreReady();
  }

  /**
   * The information.
   *
   * @param clusterGUID random, and never changed: two datastores with one GUID are one cluster's
   * @param clusterType what the cluster is made of, such as {@code k8s,bgp,kdd}
   * @param calicoVersion the version of the agents; the field is called so in Calico's clusters too
   * @param datastoreReady false while the datastore is locked: no addresses are given out or taken
   *     back, and agents forward as they did; default true
   * @param variant whose agents these are: {@code Manul}, or Calico's name of its edition
   */
  public record Spec(
      String clusterGUID,
      String clusterType,
      String calicoVersion,
      Boolean datastoreReady,
      String variant) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null, null, null);

    public Spec {
      clusterGUID = Absent.text(clusterGUID);
      clusterType = Absent.text(clusterType);
      calicoVersion = Absent.text(calicoVersion);
      datastoreReady = Absent.or(datastoreReady, true);
      variant = Absent.text(variant);
    }

    public Spec withDatastoreReady(boolean ready) {
      return new Spec(clusterGUID, clusterType, calicoVersion, ready, variant);
    }

    public Spec withCalicoVersion(String version) {
      return new Spec(clusterGUID, clusterType, version, datastoreReady, variant);
    }
  }
}
