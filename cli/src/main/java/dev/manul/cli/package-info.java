/**
 * {@code manulctl}, the command line.
 *
 * <p>One process runs one command, in one thread: arguments are read by picocli, documents by the
 * datastore's strict text format, and everything else is a table, a JSON tree or one clear line.
 * What was asked for goes to standard output, what is said about it to standard error. Exit codes:
 * 0 done, 1 failed or unhealthy, 2 wrong usage, 3 datastore or agent not reachable.
 *
 * <p>{@link dev.manul.cli.Main#run} is the whole program as a function; {@link
 * dev.manul.cli.Commands} lists the commands and makes only the one that is called, because a
 * command line lives for less time than its classes take to load.
 */
package dev.manul.cli;
