package dev.manul.e2e.uml;

import dev.manul.e2e.LabException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** A guest as its clients see it: whether it runs, starting it, commands in it, ending it. */
public final class Guest {

  /** A Unix socket's path is at most 108 octets, its terminator included. */
  private static final int MAX_SOCKET_PATH = 107;

  private final Path directory;

  private Guest(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /** The guest whose socket, logs and shared files are under {@code directory}. */
  public static Guest in(Path directory) {
    return new Guest(directory);
  }

  /** A directory that host and guest share, at the same path. */
  public Path share() {
    return directory.resolve("share");
  }

  private Path socket() {
    return directory.resolve(GuestKeeper.SOCKET);
  }

  /** Whether a guest runs here and answers. */
  public boolean isRunning() {
    if (!Files.exists(socket())) {
      return false;
    }
    try (var channel = connect()) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket()));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Starts a guest that outlives this process, and returns when it takes commands.
   *
   * @param options the guest's kernel and size
   * @param limit how long it may take
   */
  public void start(GuestOptions options, Duration limit) throws IOException, InterruptedException {
    if (socket().toString().length() > MAX_SOCKET_PATH) {
      throw new LabException(
          "%s: too long a path for a Unix socket; set MANUL_LAB_DIR to a shorter directory",
          socket());
    }
    Files.createDirectories(share());
    var keeper =
        new ProcessBuilder(
                List.of(
                    "setsid",
                    options.server().toString(),
                    "guest-keeper",
                    directory.toString(),
                    options.kernel().toString(),
                    options.memory(),
                    options.init().toString(),
                    options.server().toString()))
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(GuestOptions.log(directory))
            .redirectErrorStream(true)
            .start();
    long deadline = System.nanoTime() + limit.toNanos();
    while (!isRunning()) {
      if (keeper.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        keeper.destroy();
        throw new LabException(
            "the user-mode Linux guest did not start: its log is %s and ends%n%s",
            GuestOptions.log(directory), logEnd());
      }
    }
  }

  private String logEnd() throws IOException {
    List<String> lines = Files.readAllLines(GuestOptions.log(directory).toPath());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  /**
   * Runs a command in the guest and passes its streams on as they come.
   *
   * @param input what the command reads, or empty for nothing; read by a daemon thread
   * @return the command's exit status
   */
  public int run(
      Request request, Optional<InputStream> input, OutputStream out, OutputStream errors)
      throws IOException {
    try (var channel = connect();
        var in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel)))) {
      // Not closed by itself: input that the command did not wait for has nowhere to go then.
      var to = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
      var sending = new ReentrantLock();
      send(to, sending, new Frame(0, Frame.Type.START, request.encoded()));
      if (input.isPresent()) {
        Thread.ofPlatform().daemon().name("input").start(() -> feed(input.get(), to, sending));
      } else {
        send(to, sending, new Frame(0, Frame.Type.INPUT_END));
      }
      while (true) {
        Supplier<IOException> gone = () -> new IOException("the guest's keeper has ended");
        Frame frame = Frame.readFrom(in).orElseThrow(gone);
        switch (frame.type()) {
          case OUTPUT -> write(out, frame);
          case ERRORS -> write(errors, frame);
          case EXIT -> {
            return frame.exitStatus();
          }
          default -> throw new IOException("unexpected " + frame.type());
        }
      }
    }
  }

  private static void write(OutputStream stream, Frame frame) throws IOException {
    stream.write(frame.body());
    stream.flush();
  }

  private static void feed(InputStream input, DataOutputStream to, ReentrantLock sending) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
        send(to, sending, Frame.of(0, Frame.Type.INPUT, buffer, n));
      }
      send(to, sending, new Frame(0, Frame.Type.INPUT_END));
    } catch (IOException e) {
      // The command has ended and with it the connection.
    }
  }

  private static void send(DataOutputStream to, ReentrantLock sending, Frame frame)
      throws IOException {
    sending.lock();
    try {
      frame.writeTo(to);
    } finally {
      sending.unlock();
    }
  }

  /** Powers the guest off and returns when it is gone; does nothing when none runs. */
  public void stop() throws IOException, InterruptedException {
    try (var channel = connect();
        var to = new DataOutputStream(Channels.newOutputStream(channel))) {
      new Frame(0, Frame.Type.SHUTDOWN).writeTo(to);
      Frame.readFrom(new DataInputStream(Channels.newInputStream(channel)));
    } catch (IOException e) {
      Files.deleteIfExists(socket());
    }
  }
}
