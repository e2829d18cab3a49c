package dev.manul.datastore.file;

import dev.manul.datastore.DatastoreException;
import dev.manul.model.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the files of a store. */
final class ResourceFiles {
  private ResourceFiles() {}

  /** The resources' files of a kind, in no order. */
  static List<Path> of(Layout layout, Kind<?> kind, Optional<String> namespace) {
    List<Path> found = new ArrayList<>();
    Path directory = layout.kindDirectory(kind);
    if (!kind.namespaced()) {
      collect(directory, true, found);
    } else if (namespace.isPresent()) {
      collect(directory.resolve(Layout.encode(namespace.get())), true, found);
    } else {
      List<Path> namespaces = new ArrayList<>();
      collect(directory, false, namespaces);
      namespaces.forEach(each -> collect(each, true, found));
    }
    return found;
  }

  private static void collect(Path directory, boolean files, List<Path> into) {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (files ? Layout.isResourceFile(child) : Files.isDirectory(child)) {
          into.add(child);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // nothing of the kind, or of the namespace
    } catch (IOException e) {
      throw new DatastoreException("cannot read " + directory + ": " + Reasons.of(e), e);
    }
  }
}
