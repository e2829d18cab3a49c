/**
 * What policies mean, written a second time: plainly, slowly and without anything of the
 * calculation or the rendering, so that these can be tested against it. Beside it random worlds of
 * facts and packets, made so that rules meet packets often.
 */
package dev.manul.policy.oracle;
