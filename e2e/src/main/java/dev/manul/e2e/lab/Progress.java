package dev.manul.e2e.lab;

import java.util.List;

/** Hears how a lab comes along. */
public interface Progress {

  /** Something was done. */
  void done(String what);

  /** Something is waited for, and this is still missing. */
  void waiting(String what, List<String> missing);
}
