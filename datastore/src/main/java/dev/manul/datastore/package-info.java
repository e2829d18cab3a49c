/**
 * The datastore port, and resources as text.
 *
 * <p>{@link dev.manul.datastore.Datastore} is what the rest of Manul sees; {@code
 * dev.manul.datastore.file} keeps resources in a directory, {@code dev.manul.datastore.memory} in
 * memory. {@link dev.manul.datastore.ResourceText} is the only place that knows how a resource
 * looks in a document.
 */
package dev.manul.datastore;
