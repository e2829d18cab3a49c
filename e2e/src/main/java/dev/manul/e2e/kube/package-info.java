/**
 * A real Kubernetes API for tests and benchmarks: etcd and kube-apiserver, and where wanted the
 * controllers and the scheduler, as processes of this machine.
 */
package dev.manul.e2e.kube;
