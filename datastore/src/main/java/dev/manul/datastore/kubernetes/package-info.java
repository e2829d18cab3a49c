/**
 * The Kubernetes API as a datastore.
 *
 * <p>What an object of the API means ({@code …Mapping}) is pure and knows nothing of HTTP. {@code
 * ApiServer} is the only class that talks to the API, and {@code Reachability} looks for one that
 * is away; a {@code Feed} is one list and watch of one path and its only thread, a virtual one,
 * tells its subscribers.
 */
package dev.manul.datastore.kubernetes;
