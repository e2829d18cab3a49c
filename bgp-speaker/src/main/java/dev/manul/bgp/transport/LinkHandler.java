package dev.manul.bgp.transport;

import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.MessageDecoder;
import dev.manul.bgp.wire.Octets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.ArrayList;
import java.util.List;

/** Cuts a stream into messages, decodes them, and hands over what one read has brought at once. */
final class LinkHandler extends ByteToMessageDecoder {
  private final NettyLink link;
  private List<DecodeOutcome> batch = new ArrayList<>();
  private boolean failed;
  private String endReason = "connection closed by the neighbor";

  LinkHandler(NettyLink link) {
    this.link = link;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    while (!failed && !link.closing() && in.isReadable()) {
      int length = MessageDecoder.frameLength(in, link.decodeContext());
      if (length < 0 || length > in.readableBytes()) {
        break;
      }
      ByteBuf frame = length == 0 ? in.slice() : in.readSlice(length);
      int start = frame.readerIndex();
      int end = frame.writerIndex();
      DecodeOutcome outcome = MessageDecoder.decode(frame, link.decodeContext());
      failed = outcome instanceof DecodeOutcome.Reset;
      batch.add(outcome.faulty() ? outcome.with(octets(frame, start, end)) : outcome);
    }
    if (failed || link.closing()) {
      in.skipBytes(in.readableBytes());
    }
    hand(); // the core thread works while we read on
  }

  private static Octets octets(ByteBuf frame, int start, int end) {
    byte[] bytes = new byte[Math.min(end - start, MessageDecoder.MAX_LENGTH)];
    frame.getBytes(start, bytes);
    return Octets.of(bytes);
  }

  /**
   * In place of the base's, which reads on where a decoder has given nothing to the next handler,
   * as this one never does: a link that is paused would not be.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    discardSomeReadBytes();
    context.fireChannelReadComplete();
  }

  private void hand() {
    if (!batch.isEmpty()) {
      link.deliver(batch);
      batch = new ArrayList<>();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    hand();
    link.ended(endReason);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    endReason = ConnectionErrors.text(cause);
    link.abort();
  }
}
