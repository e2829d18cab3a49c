package dev.manul.cni;

import dev.manul.datastore.DatastoreException;
import dev.manul.netlink.NetlinkException;
import java.io.UncheckedIOException;

/**
 * A request that cannot be served, as the caller is told it.
 *
 * <p>The numbers up to 99 are those of the CNI specification, "Error"; from 100 on they are this
 * plugin's own.
 */
public final class CniException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, and its number. */
  enum Code {
    INCOMPATIBLE_VERSION(1),
    UNSUPPORTED_FIELD(2),
    UNKNOWN_CONTAINER(3),
    INVALID_ENVIRONMENT(4),
    IO_FAILURE(5),
    DECODING_FAILURE(6),
    INVALID_CONFIGURATION(7),
    TRY_AGAIN_LATER(11),
    NOT_AVAILABLE(50),
    LIMITED_CONNECTIVITY(51),
    /** No address is left. */
    NO_ADDRESS(100),
    /** No pool may be used, or one that was named is not there. */
    NO_POOL(101),
    /** An annotation of the pod or its namespace is wrong or asks for what is not supported. */
    INVALID_ANNOTATION(102),
    /** The address that was asked for is taken, or another node's. */
    ADDRESS_NOT_FREE(103),
    /** The kernel refused. */
    KERNEL_FAILURE(104),
    /** CHECK found the attachment not to be as it was made. */
    NOT_AS_MADE(105),
    /** A mistake of this program. */
    INTERNAL(199);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private final Code code;
  private final String details;

  /**
   * @param message one line
   * @param details more about it, or ""
   */
  CniException(Code code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  CniException(Code code, String message) {
    this(code, message, "");
  }

  /** What another part of the agent threw, as the caller of the plugin is told it. */
  static CniException of(RuntimeException problem) {
    return switch (problem) {
      case CniException known -> known;
      case DatastoreException e ->
          new CniException(Code.TRY_AGAIN_LATER, "the datastore cannot be used", e.getMessage());
      case NetlinkException e ->
          new CniException(Code.KERNEL_FAILURE, "the kernel refused", e.getMessage());
      case UncheckedIOException e -> {
        String cause = e.getCause().toString();
        yield new CniException(Code.IO_FAILURE, String.valueOf(e.getMessage()), cause);
      }
      default -> new CniException(Code.INTERNAL, "manul-agent failed", problem.toString());
    };
  }

  Code code() {
    return code;
  }

  String details() {
    return details;
  }
}
