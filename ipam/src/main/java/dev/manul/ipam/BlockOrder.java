package dev.manul.ipam;

import dev.manul.model.Prefix;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The order in which a node tries the blocks of a pool.
 *
 * <p>Each node has its own order, always the same, so that nodes seldom want the same block and a
 * node that starts again tries the same ones. The order is an arithmetic progression modulo the
 * number of blocks: start and stride come from the FNV-1 hash of the node's name, and an odd stride
 * visits each of 2<sup>n</sup> blocks once. No list of blocks is made, however large the pool.
 */
final class BlockOrder {

  /** More blocks than this of one pool are never looked at; no pool runs out of so many. */
  private static final int MAX_BITS = 62;

  private final Prefix pool;
  private final int blockLength;
  private final long mask;
  private final long start;
  private final long stride;

  BlockOrder(Prefix pool, int blockLength, String node) {
    int bits = blockLength - pool.length();
    if (bits < 0) {
      throw new IllegalArgumentException(
          "blocks of /" + blockLength + " do not fit into the pool " + pool);
    }
    this.pool = pool;
    this.blockLength = blockLength;
    this.mask = (1L << Math.min(bits, MAX_BITS)) - 1;
    long seed = Integer.toUnsignedLong(fnv32(node));
    this.start = mixed(seed) & mask;
    this.stride = (mixed(seed ^ 0x5bf0_3635L << 32) | 1) & mask;
  }

  /** How many blocks there are to try. */
  long count() {
    return mask + 1;
  }

  /** The block to try at {@code place}, 0 to {@code count() - 1}. */
  Prefix at(long place) {
    long index = start + place * stride & mask;
    int hostBits = pool.family().bits() - blockLength;
    BigInteger offset = BigInteger.valueOf(index).shiftLeft(hostBits);
    return new Prefix(pool.address().plus(offset), blockLength);
  }

  /** At which place a block is tried; the opposite of {@link #at}. */
  long place(Prefix block) {
    int hostBits = pool.family().bits() - blockLength;
    long index =
        block
            .address()
            .toBigInteger()
            .subtract(pool.address().toBigInteger())
            .shiftRight(hostBits)
            .longValue();
    return (index - start) * inverse(stride) & mask;
  }

  /** The inverse of an odd number modulo 2<sup>64</sup>; each round doubles the right bits. */
  private static long inverse(long odd) {
    long inverse = odd;
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  /** All blocks in order, beginning at {@code place} and going around. */
  Stream<Prefix> from(long place) {
    return LongStream.range(0, count()).mapToObj(i -> at(place + i & mask));
  }

  /** The 32-bit FNV-1 hash of a text's UTF-8 octets. */
  static int fnv32(String text) {
    int hash = 0x811c9dc5;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash *= 0x01000193;
      hash ^= octet & 0xff;
    }
    return hash;
  }

  /** Spreads a number over 64 bits, as SplitMix64 does its state. */
  private static long mixed(long seed) {
    long z = seed + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
