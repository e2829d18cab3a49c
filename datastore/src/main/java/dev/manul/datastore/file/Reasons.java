package dev.manul.datastore.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why input or output failed, in words and without the file's name. */
final class Reasons {
  private Reasons() {}

  static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case NoSuchFileException missing -> "no such file or directory";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      case FileNotFoundException open when open.getMessage() != null ->
          open.getMessage().replaceFirst("^.*\\((.*)\\)$", "$1"); // "FILE (reason)"
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
