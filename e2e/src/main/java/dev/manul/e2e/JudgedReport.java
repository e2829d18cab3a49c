package dev.manul.e2e;

import java.util.List;

/** What was found, and whether all of it is as it should be. */
public interface JudgedReport {

  /** {@code pass} or {@code fail}. */
  String verdict();

  /** What is not as it should be, a line each. */
  List<String> failures();
}
