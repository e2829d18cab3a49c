package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in files: where there is no Kubernetes to keep them. */
final class SecretFilesTest {
  private static final Key KEY = new Key("kube-system", "peers");

  @TempDir private Path directory;

  private static Secret secret(String fields) {
    String yaml =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: peers, namespace: kube-system}\n" + fields;
    return (Secret) ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  @Test
  void aSecretIsReadableByItsOwnerAlone() throws IOException {
    try (FileDatastore store = FileDatastore.open(directory)) {
      var _ = store.create(secret("stringData: {rack: one}"));
      var _ = store.update(secret("stringData: {rack: two}"));
    }
    Path file = directory.resolve("secrets.v1/kube-system/peers.yaml");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (FileDatastore store = FileDatastore.open(directory)) {
      assertThat(store.get(Secret.KIND, KEY).orElseThrow().text("rack")).contains("two");
    }
  }

  @Test
  void aCopyOfTheLastGoodVersionIsNoMoreReadable() throws IOException {
    Path file = directory.resolve("secrets.v1/kube-system/peers.yaml");
    try (FileDatastore store = FileDatastore.open(directory)) {
      var _ = store.create(secret("stringData: {rack: one}"));
      Files.writeString(file, "apiVersion: v1\nkind: Secret\nmetadata: {name: [}\n");
      assertThat(store.get(Secret.KIND, KEY).orElseThrow().text("rack")).contains("one");
    }
    Path copy = directory.resolve(".good/secrets.v1/kube-system/peers.yaml");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");
  }

  @Test
  void oneSecretIsWatchedByItsName() {
    RecordingSink<Secret> sink = new RecordingSink<>();
    try (FileDatastore store = FileDatastore.open(directory);
        Watch _ = store.watch(Secret.KIND, Selection.named("kube-system", "peers"), sink)) {
      var _ =
          store.create(
              secret("stringData: {rack: x}").withMetadata(Metadata.named("kube-system", "other")));
      var _ = store.create(secret("data: {rack: b25lCg==}"));
      await().until(() -> sink.state().containsKey(KEY));
      assertThat(sink.state()).hasSize(1);
      assertThat(sink.state().get(KEY).text("rack")).as("without its line break").contains("one");
    }
  }

  @Test
  void valuesAreInNoMessage() {
    Secret secret = secret("data: {a: c2VjcmV0}\nstringData: {b: secret}");
    assertThat(secret.text("a")).contains("secret");
    assertThat(secret.text("b")).contains("secret");
    assertThat(secret.text("c")).isEmpty();
    assertThat(secret.toString()).contains("a", "b").doesNotContain("=secret", "c2Vj");
  }

  @Test
  void whatIsNoBase64IsRefused() {
    try (FileDatastore store = FileDatastore.open(directory)) {
      assertThatThrownBy(() -> store.create(secret("data: {a: b25lC}")))
          .isInstanceOf(InvalidResourceException.class)
          .hasMessageContaining("data.a: is no base64")
          .hasMessageNotContaining("b25lC");
    }
  }
}
