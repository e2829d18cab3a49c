/**
 * What programs are run against while their JVM learns which classes they need: a stand-in for an
 * API server, because a machine that only builds Manul has none.
 */
package dev.manul.e2e.train;
