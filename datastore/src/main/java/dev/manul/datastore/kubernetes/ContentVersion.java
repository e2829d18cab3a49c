package dev.manul.datastore.kubernetes;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Resource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Versions of resources that are only a part of an object: a digest of that part. The object's own
 * version moves with every heartbeat of a node's kubelet and every probe of a pod, which would be a
 * change to all who watch and a conflict to all who write.
 */
final class ContentVersion {
  private ContentVersion() {}

  /** The resource with its version, whatever version it has. */
  @SuppressWarnings("unchecked") // withMetadata gives the same kind of record
  static <R extends Resource> R stamp(R resource) {
    R plain = (R) resource.withMetadata(resource.metadata().withResourceVersion(""));
    String content = ApiJson.write(ResourceText.toTree(plain));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(content.getBytes(StandardCharsets.UTF_8));
      String version = HexFormat.of().formatHex(digest, 0, 8);
      return (R) plain.withMetadata(plain.metadata().withResourceVersion(version));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
