/**
 * Labs, the demo and benchmarks: the whole of Manul on one machine.
 *
 * <p>{@link dev.manul.e2e.Main} is what {@code ./dev} calls. A lab is always built by the kernel it
 * runs on: where that has no {@code ipip}, the same program runs once more inside a user-mode Linux
 * guest (package {@code uml}) and does the same there.
 */
package dev.manul.e2e;
