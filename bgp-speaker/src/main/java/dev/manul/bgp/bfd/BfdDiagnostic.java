package dev.manul.bgp.bfd;

/** Why a session last went down, RFC 5880 section 4.1, in the order of numbers. */
public enum BfdDiagnostic {
  NONE(0, "no diagnostic"),
  DETECTION_TIME_EXPIRED(1, "control detection time expired"),
  ECHO_FAILED(2, "echo function failed"),
  NEIGHBOR_SIGNALED_DOWN(3, "neighbor signaled session down"),
  FORWARDING_PLANE_RESET(4, "forwarding plane reset"),
  PATH_DOWN(5, "path down"),
  CONCATENATED_PATH_DOWN(6, "concatenated path down"),
  ADMINISTRATIVELY_DOWN(7, "administratively down"),
  REVERSE_CONCATENATED_PATH_DOWN(8, "reverse concatenated path down");

  private static final BfdDiagnostic[] ALL = values();

  private final int code;
  private final String text;

  BfdDiagnostic(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** The number on the wire. */
  int code() {
    return code;
  }

  /** The diagnostic with that number; a number nobody has given a meaning yet says nothing. */
  static BfdDiagnostic of(int number) {
    return number < ALL.length ? ALL[number] : NONE;
  }

  @Override
  public String toString() {
    return text;
  }
}
