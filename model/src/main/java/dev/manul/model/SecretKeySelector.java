package dev.manul.model;

/**
 * Where a password is kept: a key of a Secret in the agent's namespace.
 *
 * @param name the Secret's name
 * @param key the key in it
 * @param optional whether it may be missing
 */
public record SecretKeySelector(String name, String key, boolean optional) {
  public SecretKeySelector {
    name = Absent.text(name);
    key = Absent.text(key);
  }
}
