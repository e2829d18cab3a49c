/**
 * From what the calculation has found to chains of iptables; pure.
 *
 * <p><b>The way of a packet.</b> The kernel's chains jump to ours of the same name with {@code
 * manul-} before it ({@code StaticChains}). A tree of chains finds the chain of the pod's interface
 * ({@code DispatchTree}); that ({@code EndpointChains}) asks the tiers' policies in order, each a
 * chain of its own ({@code RuleLines}), and then the profiles. A policy says what it has decided by
 * bits of the packet's mark ({@code Marks}). A packet between two pods of this node is asked about
 * twice, so it is accepted only at the very end.
 *
 * <p>A chain is made of one object only, and when it is asked for: {@code Rendering} keeps what
 * chains are made of, not their text.
 */
package dev.manul.policy.rendering;
