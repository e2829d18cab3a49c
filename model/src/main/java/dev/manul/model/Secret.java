package dev.manul.model;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Kubernetes Secret, of which Manul reads the passwords of BGP sessions. Where there is no
 * Kubernetes to keep it, a datastore of files does, readable by its owner alone.
 *
 * @param type such as {@code Opaque}; means nothing here
 * @param immutable means nothing here
 * @param data values in base64
 * @param stringData values as they are, which come before {@code data}
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/">Secret
 *     v1</a>
 */
public record Secret(
    Metadata metadata,
    String type,
    Optional<Boolean> immutable,
    Map<String, String> data,
    Map<String, String> stringData)
    implements Resource {

  public static final Kind<Secret> KIND =
      new Kind<>("v1", "Secret", "secrets", true, Secret.class, List.of("secret"));

  public Secret {
    type = Absent.text(type);
    immutable = Absent.optional(immutable);
    data = Absent.map(data);
    stringData = Absent.map(stringData);
  }

  @Override
  public Kind<Secret> kind() {
    return KIND;
  }

  @Override
  public Secret withMetadata(Metadata newMetadata) {
    return new Secret(newMetadata, type, immutable, data, stringData);
  }

  /**
   * The value under a key as text, without the line break that an editor has left at its end; empty
   * when there is none.
   *
   * @throws IllegalArgumentException when the value is no base64
   */
  public Optional<String> text(String key) {
    if (stringData.containsKey(key)) {
      return Optional.of(withoutLineBreak(stringData.get(key)));
    }
    return Optional.ofNullable(data.get(key))
        .map(value -> Base64.getMimeDecoder().decode(value))
        .map(value -> withoutLineBreak(new String(value, StandardCharsets.UTF_8)));
  }

  private static String withoutLineBreak(String text) {
    return text.replaceFirst("\\r?\\n$", "");
  }

  /** Without the values, so that no message ever shows one. */
  @Override
  public String toString() {
    return "Secret[" + key() + ", keys=" + data.keySet() + stringData.keySet() + "]";
  }
}
