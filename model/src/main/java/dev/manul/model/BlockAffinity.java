package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** A node's claim on a block of addresses. */
public record BlockAffinity(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<BlockAffinity> KIND =
      new Kind<>(
          "BlockAffinity",
          "blockaffinities",
          false,
          BlockAffinity.class,
          List.of("blockaffinity", "affinity", "affinities"));

  /** The owner is a node. */
  public static final String TYPE_HOST = "host";

  /** The owner is none, such as the load balancers' allocator. */
  public static final String TYPE_VIRTUAL = "virtual";

  public BlockAffinity {
    spec = spec == null ? new Spec(null, null, null, null, false) : spec;
  }

  @Override
  public Kind<BlockAffinity> kind() {
    return KIND;
  }

  @Override
  public BlockAffinity withMetadata(Metadata newMetadata) {
    return new BlockAffinity(newMetadata, spec);
  }

  public BlockAffinity withSpec(Spec newSpec) {
    return new BlockAffinity(metadata, newSpec);
  }

  /** How far a claim has come. Only a confirmed one may be acted upon. */
  public enum State {
    PENDING("pending"),
    CONFIRMED("confirmed"),
    PENDING_DELETION("pendingDeletion");

    private final String text;

    State(String text) {
      this.text = text;
    }

    @JsonValue
    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * The claim.
   *
   * @param state confirmed when a document has none, as documents of old do
   * @param node the owner's name
   * @param type {@link #TYPE_HOST} or {@link #TYPE_VIRTUAL}
   * @param cidr the block; null only in a document that has not been validated
   * @param deleted to be read as absent; whoever sees it finishes the deletion
   */
  public record Spec(State state, String node, String type, Prefix cidr, boolean deleted) {
    public Spec {
      state = Absent.or(state, State.CONFIRMED);
      node = Absent.text(node);
      type = type == null || type.isEmpty() ? TYPE_HOST : type;
    }

    public Spec withState(State newState) {
      return new Spec(newState, node, type, cidr, deleted);
    }

    public Spec withDeleted(boolean gone) {
      return new Spec(state, node, type, cidr, gone);
    }
  }
}
