/**
 * From resources to what they mean for policy ({@link dev.manul.policy.meaning}).
 *
 * <p>Everything here is a pure function of one resource, or of the slices of one service. What a
 * resource says wrongly never stops another: it is told in one line, and what can be read counts.
 * What cannot errs towards isolation: a rule that allows is left out, one that denies or passes
 * becomes one that denies everything; a policy of a namespace of which is not known whom it is
 * about closes the namespace. Only a policy of the whole cluster that cannot be read changes
 * nothing, since closing everything would be worse.
 *
 * <p>Selectors come out scoped, to be asked of labels as endpoints inherit them ({@code Scopes}).
 */
package dev.manul.policy.translation;
