package dev.manul.model;

import java.util.List;

/**
 * What an agent says of the way of a packet through its own node ({@code GET /v1/trace}), for
 * {@code manulctl trace} to put together with what the other end's node says.
 *
 * @param node whose agent says so
 * @param source where the packet comes from
 * @param destination where it goes
 * @param hops what was looked at, in the order of the packet's way: first {@link #THERE}, then
 *     {@link #BACK}
 */
public record NodeTrace(String node, String source, String destination, List<Hop> hops) {

  /** The way from the source to the destination. */
  public static final String THERE = "there";

  /** The way of the answer. */
  public static final String BACK = "back";

  /** The packet gets on. */
  public static final String OK = "ok";

  /** The packet ends here, or nothing keeps its way as it is. */
  public static final String BROKEN = "broken";

  /** The packet gets on, but something is not as it should be. */
  public static final String DOUBT = "doubt";

  /** This could not be looked at. */
  public static final String UNSEEN = "unseen";

  public NodeTrace {
    hops = List.copyOf(hops);
  }

  /**
   * One thing that the packet depends on.
   *
   * @param name such as {@code kernel-route}; docs/manulctl.md has them all
   * @param direction {@link #THERE} or {@link #BACK}
   * @param status {@link #OK}, {@link #BROKEN}, {@link #DOUBT} or {@link #UNSEEN}
   * @param summary a line for people: what was found, and what to do where it is wrong
   * @param mtu the longest packet that passes here, in octets; 0 where that was not looked at
   */
  public record Hop(String name, String direction, String status, String summary, int mtu) {}
}
