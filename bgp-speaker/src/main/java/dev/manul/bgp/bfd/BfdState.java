package dev.manul.bgp.bfd;

/** The state of a session, RFC 5880 section 6.2, in the order of the numbers on the wire. */
public enum BfdState {
  ADMIN_DOWN(0, "AdminDown"),
  DOWN(1, "Down"),
  INIT(2, "Init"),
  UP(3, "Up");

  private final int code;
  private final String text;

  BfdState(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** The number on the wire. */
  int code() {
    return code;
  }

  /** The state after a packet that says {@code remote}: the table of RFC 5880 section 6.8.6. */
  BfdState next(BfdState remote) {
    return switch (this) {
      case ADMIN_DOWN -> ADMIN_DOWN;
      case DOWN ->
          switch (remote) {
            case DOWN -> INIT;
            case INIT -> UP;
            case ADMIN_DOWN, UP -> DOWN;
          };
      case INIT ->
          switch (remote) {
            case ADMIN_DOWN -> DOWN;
            case DOWN -> INIT;
            case INIT, UP -> UP;
          };
      case UP ->
          switch (remote) {
            case ADMIN_DOWN, DOWN -> DOWN;
            case INIT, UP -> UP;
          };
    };
  }

  /** The name as the RFC writes it. */
  @Override
  public String toString() {
    return text;
  }
}
