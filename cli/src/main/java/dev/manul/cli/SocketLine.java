package dev.manul.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * To an agent on this machine, or one whose socket was brought here: a connection to its Unix
 * socket for each request.
 */
record SocketLine(Path socket) implements AgentLine {

  @Override
  public String place() {
    return "on " + socket;
  }

  @Override
  public String advice() {
    return "; is manul-agent running?";
  }

  @Override
  public InputStream ask(String request, Duration limit) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      Selector selector = Selector.open();
      Incoming incoming = new Incoming(channel, selector, limit);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.configureBlocking(false);
        incoming.send(request);
        return incoming;
      } catch (IOException | RuntimeException e) {
        selector.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** What comes, with a limit to each wait for more. */
  private static final class Incoming extends InputStream {
    private final SocketChannel channel;
    private final Selector selector;
    private final Duration limit;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();

    Incoming(SocketChannel channel, Selector selector, Duration limit) {
      this.channel = channel;
      this.selector = selector;
      this.limit = limit;
    }

    void send(String request) throws IOException {
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        await();
        channel.write(bytes);
      }
      key.interestOps(SelectionKey.OP_READ);
    }

    private void await() throws IOException {
      selector.selectedKeys().clear();
      if (selector.select(Math.max(1, limit.toMillis())) == 0) {
        throw new IOException("no answer within " + limit.toMillis() + " ms");
      }
    }

    private boolean more() throws IOException {
      while (!buffer.hasRemaining()) {
        await();
        int count = channel.read(buffer.clear());
        buffer.flip();
        if (count < 0) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int read() throws IOException {
      return more() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      if (most == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      int count = Math.min(most, buffer.remaining());
      buffer.get(into, from, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      selector.close();
      channel.close();
    }
  }
}
