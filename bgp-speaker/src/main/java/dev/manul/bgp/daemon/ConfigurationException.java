package dev.manul.bgp.daemon;

/** A configuration that cannot be used; the message names file and field in one line. */
final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  ConfigurationException(String message) {
    super(message);
  }
}
