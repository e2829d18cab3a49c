package dev.manul.ipam;

/** A request that cannot be met as asked. The message is one line for the user. */
public class IpamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a request cannot be met. */
  public enum Reason {
    /** No pool is there, or none fits the node, the namespace or the use. */
    NO_POOL,
    /** A pool named in the request does not exist, is disabled or is not of this family. */
    BAD_POOL,
    /** Pools fit, and have no address left that may be taken. */
    EXHAUSTED,
    /** The address is allocated already. */
    IN_USE,
    /** Affinity is strict, and the address lies in another node's block. */
    NOT_OWN_BLOCK,
    /** Others changed the same objects each time; try again later. */
    CONTENDED,
    /** Somebody has locked the datastore; try again when it is unlocked. */
    LOCKED
  }

  private final Reason reason;

  public IpamException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
