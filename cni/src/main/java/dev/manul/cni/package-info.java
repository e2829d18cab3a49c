/** The server side of the CNI plugin: it wires pods. */
package dev.manul.cni;
