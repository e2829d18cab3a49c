/** Resources in a directory of YAML files, shared by the processes of one machine. */
package dev.manul.datastore.file;
