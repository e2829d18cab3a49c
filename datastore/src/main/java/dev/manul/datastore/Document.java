package dev.manul.datastore;

import dev.manul.model.Resource;

/**
 * A resource read from text, and where it stood.
 *
 * @param resource what was read
 * @param source what the text is called, such as a file's name
 * @param number the document in it, counted from 1; an item of a list has its list's number
 */
public record Document(Resource resource, String source, int number) {

  /** {@code SOURCE: document N}, as problems with the document begin. */
  public String place() {
    return source + ": document " + number;
  }
}
