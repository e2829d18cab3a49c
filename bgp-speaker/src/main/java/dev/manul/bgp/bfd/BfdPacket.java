package dev.manul.bgp.bfd;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * A control packet, RFC 5880 section 4.1, without authentication. Intervals are in microseconds.
 *
 * @param diagnostic why the sender's session last went down
 * @param state the sender's
 * @param poll the sender wants an answer at once
 * @param finalBit this is that answer
 * @param demand the sender wishes that nothing be sent to it periodically
 * @param multiplier how many packets may be lost before the session is down; not 0
 * @param mine the sender's number for the session; not 0
 * @param yours the receiver's number for it, or 0 while the sender does not know it
 * @param desiredMinTx how often the sender likes to send
 * @param requiredMinRx how often it can receive; 0 for not at all
 */
record BfdPacket(
    BfdDiagnostic diagnostic,
    BfdState state,
    boolean poll,
    boolean finalBit,
    boolean demand,
    int multiplier,
    int mine,
    int yours,
    long desiredMinTx,
    long requiredMinRx) {
  static final int LENGTH = 24;

  private static final int VERSION = 1;
  private static final int POLL = 0x20;
  private static final int FINAL = 0x10;
  private static final int AUTHENTICATION = 0x04;
  private static final int DEMAND = 0x02;
  private static final int MULTIPOINT = 0x01;
  private static final BfdState[] STATES = BfdState.values();

  /**
   * Reads a datagram; empty when section 6.8.6 says to discard it whatever the session. A packet
   * with authentication is discarded, too: no session of ours uses any.
   */
  static Optional<BfdPacket> decode(ByteBuf in) {
    if (in.readableBytes() < LENGTH) {
      return Optional.empty();
    }
    int at = in.readerIndex();
    int first = in.getUnsignedByte(at);
    int second = in.getUnsignedByte(at + 1);
    int multiplier = in.getUnsignedByte(at + 2);
    int length = in.getUnsignedByte(at + 3);
    int mine = in.getInt(at + 4);
    int yours = in.getInt(at + 8);
    BfdState state = STATES[second >> 6];
    boolean discard =
        first >> 5 != VERSION
            || length < LENGTH
            || length > in.readableBytes()
            || multiplier == 0
            || (second & (AUTHENTICATION | MULTIPOINT)) != 0
            || mine == 0
            || (yours == 0 && state != BfdState.DOWN && state != BfdState.ADMIN_DOWN);
    if (discard) {
      return Optional.empty();
    }
    return Optional.of(
        new BfdPacket(
            BfdDiagnostic.of(first & 0x1f),
            state,
            (second & POLL) != 0,
            (second & FINAL) != 0,
            (second & DEMAND) != 0,
            multiplier,
            mine,
            yours,
            in.getUnsignedInt(at + 12),
            in.getUnsignedInt(at + 16)));
  }

  /** Writes the packet; the required interval of echo packets is 0, as none are answered. */
  void encode(ByteBuf out) {
    out.writeByte(VERSION << 5 | diagnostic.code());
    out.writeByte(
        state.code() << 6 | (poll ? POLL : 0) | (finalBit ? FINAL : 0) | (demand ? DEMAND : 0));
    out.writeByte(multiplier).writeByte(LENGTH).writeInt(mine).writeInt(yours);
    out.writeInt((int) desiredMinTx).writeInt((int) requiredMinRx).writeInt(0);
  }
}
