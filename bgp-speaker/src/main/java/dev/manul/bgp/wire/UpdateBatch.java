package dev.manul.bgp.wire;

import dev.manul.bgp.wire.BgpMessage.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Updates for several neighbours, each of which gets all but those that come from itself. They are
 * encoded once; {@link #take} hands out parts of the same bytes.
 *
 * <p>Made by the core thread; {@code take} is for the event loop.
 */
@SuppressWarnings("ReferenceEquality") // neighbours are who they are
public final class UpdateBatch {
  private final List<Update> updates;
  private final List<Object> origins;

  /** Core thread, and the event loop once it has been handed over. */
  private int takers;

  private ByteBuf encoded;

  /** Where each update ends in the bytes. */
  private int[] ends;

  /**
   * Some updates.
   *
   * @param origins of each update who does not get it; null when everybody does
   */
  public UpdateBatch(List<Update> updates, List<Object> origins) {
    this.updates = updates;
    this.origins = origins;
  }

  public boolean isEmpty() {
    return updates.isEmpty();
  }

  /** How many updates a neighbour gets. */
  public int count(Object neighbor) {
    int count = 0;
    for (Object origin : origins) {
      count += origin == neighbor ? 0 : 1;
    }
    return count;
  }

  /** What a neighbour gets, as messages. */
  public List<BgpMessage> messages(Object neighbor) {
    List<BgpMessage> messages = new ArrayList<>(updates.size());
    for (int i = 0; i < updates.size(); i++) {
      if (origins.get(i) != neighbor) {
        messages.add(updates.get(i));
      }
    }
    return messages;
  }

  /** Says how many will {@link #take} their parts; before it is handed to the first of them. */
  public void expect(int howMany) {
    takers = howMany;
  }

  /**
   * What a neighbour gets, as bytes that the caller releases. All takers have equal contexts.
   *
   * @return parts in order
   */
  public List<ByteBuf> take(Object neighbor, EncodeContext context, ByteBufAllocator allocator) {
    if (encoded == null) {
      encode(context, allocator);
    }
    List<ByteBuf> parts = new ArrayList<>(1);
    int from = 0;
    for (int i = 0; i < ends.length; i++) {
      if (origins.get(i) == neighbor) {
        int end = i == 0 ? 0 : ends[i - 1];
        if (end > from) {
          parts.add(encoded.retainedSlice(from, end - from));
        }
        from = ends[i];
      }
    }
    if (encoded.writerIndex() > from) {
      parts.add(encoded.retainedSlice(from, encoded.writerIndex() - from));
    }
    if (--takers == 0) {
      encoded.release();
    }
    return parts;
  }

  private void encode(EncodeContext context, ByteBufAllocator allocator) {
    encoded = allocator.directBuffer(updates.size() * 64);
    ends = new int[updates.size()];
    for (int i = 0; i < ends.length; i++) {
      MessageEncoder.encode(updates.get(i), context, encoded);
      ends[i] = encoded.writerIndex();
    }
  }
}
