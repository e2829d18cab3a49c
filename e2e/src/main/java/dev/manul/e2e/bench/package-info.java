/** Benchmarks: each prints a table and writes JSON beside it where asked to. */
package dev.manul.e2e.bench;
