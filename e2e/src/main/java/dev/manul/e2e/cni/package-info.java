/**
 * A node without a kubelet: a namespace with an agent, and a small container runtime that runs CNI
 * plugins in it. No threads of its own.
 */
package dev.manul.e2e.cni;
