/** A datastore in memory, for tests and previews, and a wrapper that injects faults into any. */
package dev.manul.datastore.memory;
