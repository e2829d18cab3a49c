/**
 * A real Kubernetes cluster, made by kind, with Manul as its network: what pods, services, nodes
 * and the world outside hear of each other, shown and judged. What is judged is what curl, fping
 * and kubectl say; Manul's own word is only printed.
 */
package dev.manul.e2e.kind;
