package dev.manul.e2e.lab;

import java.util.List;

/** Hears how a lab comes along. */
public interface Progress {

  /** Hears nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void done(String what) {}

        @Override
        public void waiting(String what, List<String> missing) {}
      };

  /** Something was done. */
  void done(String what);

  /** Something is waited for, and this is still missing. */
  void waiting(String what, List<String> missing);
}
