/** Makes custom resource definitions and manifests out of the model. */
package dev.manul.deploy;
