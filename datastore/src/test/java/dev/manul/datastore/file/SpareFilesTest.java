package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpareFilesTest {

  @TempDir Path directory;

  private SpareFiles spares;
  private Path target;

  @BeforeEach
  void setUp() {
    spares = new SpareFiles(directory.resolve("aside"));
    target = directory.resolve("target");
  }

  @Test
  void manyWritesUseFewInodes() throws IOException {
    write("first");
    Set<Object> inodes = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      replace("content " + i);
      inodes.add(Files.getAttribute(target, "unix:ino"));
    }

    assertThat(target).hasContent("content 499");
    assertThat(inodes).hasSizeBetween(2, 20);
  }

  @Test
  void nothingIsLeftOfLongerContent() throws IOException {
    write("first");
    for (int i = 0; i < 200; i++) {
      String content = "x".repeat(i % 2 == 0 ? 5000 : 3);
      replace(content);
      assertThat(target).hasContent(content);
    }
  }

  @Test
  void deletedFilesAreWrittenAgain() throws IOException {
    Set<Object> inodes = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      write("content " + i);
      inodes.add(Files.getAttribute(target, "unix:ino"));
      spares.remove(target);
      assertThat(target).doesNotExist();
    }
    assertThat(inodes).hasSizeLessThan(20);
  }

  @Test
  void somebodysCopyByAnotherNameKeepsItsContent() throws IOException {
    write("copied");
    Path copy = Files.createLink(directory.resolve("copy"), target);
    for (int i = 0; i < 200; i++) {
      replace("content " + i);
    }
    assertThat(copy).hasContent("copied");

    Path last = Files.createLink(directory.resolve("last"), target);
    spares.remove(target);
    for (int i = 0; i < 200; i++) {
      write("again " + i);
      spares.remove(target);
    }
    assertThat(last).hasContent("content 199");
  }

  @Test
  void noMoreFilesAreKeptThanAreUseful() throws IOException {
    for (int i = 0; i < 300; i++) {
      AtomicFile.rename(spares.write(new byte[10]), directory.resolve("file" + i));
    }
    for (int i = 0; i < 300; i++) {
      spares.remove(directory.resolve("file" + i));
    }
    try (Stream<Path> kept = Files.list(directory.resolve("aside"))) {
      assertThat(kept).hasSizeBetween(1, 64);
    }
  }

  @Test
  void aDirectoryThatWasSweptIsMadeAnew() throws IOException {
    write("first");
    replace("second");
    try (Stream<Path> files = Files.list(directory.resolve("aside"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory.resolve("aside"));

    for (int i = 0; i < 20; i++) {
      replace("content " + i);
    }
    assertThat(target).hasContent("content 19");
  }

  private void write(String content) throws IOException {
    AtomicFile.rename(spares.write(content.getBytes(StandardCharsets.UTF_8)), target);
  }

  private void replace(String content) throws IOException {
    spares.replace(spares.write(content.getBytes(StandardCharsets.UTF_8)), target);
  }
}
