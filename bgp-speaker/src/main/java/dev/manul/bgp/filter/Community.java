package dev.manul.bgp.filter;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import java.util.ArrayList;
import java.util.List;

/** A community that a filter looks for or adds. */
public sealed interface Community {

  /** Whether a route carries it. */
  boolean in(PathAttributes attributes);

  /** The attributes with this community; the same object when it is there already. */
  PathAttributes addTo(PathAttributes attributes);

  /**
   * A community of RFC 1997.
   *
   * @param value AS {@code << 16 |} value
   */
  record Standard(int value) implements Community {
    @Override
    public boolean in(PathAttributes attributes) {
      return attributes.communities().contains(value);
    }

    @Override
    public PathAttributes addTo(PathAttributes attributes) {
      if (in(attributes)) {
        return attributes;
      }
      List<Integer> communities = new ArrayList<>(attributes.communities());
      communities.add(value);
      return attributes.toBuilder().communities(communities).build();
    }

    @Override
    public String toString() {
      return (value >>> 16) + ":" + (value & 0xffff);
    }
  }

  /** A community of RFC 8092. */
  record Large(LargeCommunity value) implements Community {
    @Override
    public boolean in(PathAttributes attributes) {
      return attributes.largeCommunities().contains(value);
    }

    @Override
    public PathAttributes addTo(PathAttributes attributes) {
      if (in(attributes)) {
        return attributes;
      }
      List<LargeCommunity> communities = new ArrayList<>(attributes.largeCommunities());
      communities.add(value);
      return attributes.toBuilder().largeCommunities(communities).build();
    }

    @Override
    public String toString() {
      return value.toString();
    }
  }

  /**
   * Reads {@code AS:VALUE} of two numbers of 16 bits, or {@code A:B:C} of three of 32.
   *
   * @throws IllegalArgumentException for any other form
   */
  static Community parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length == 2) {
      return new Standard((int) (number(text, parts[0], 16) << 16 | number(text, parts[1], 16)));
    }
    if (parts.length == 3) {
      return new Large(
          new LargeCommunity(
              number(text, parts[0], 32), number(text, parts[1], 32), number(text, parts[2], 32)));
    }
    throw wrong(text);
  }

  private static long number(String text, String part, int bits) {
    if (part.isEmpty() || part.length() > 10 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw wrong(text);
    }
    long value = Long.parseLong(part);
    if (value >>> bits != 0) {
      throw wrong(text);
    }
    return value;
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is neither AS:VALUE of 0 to 65535 nor A:B:C of 0 to 4294967295");
  }
}
