package dev.manul.e2e.uml;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The guest's end of the serial line: runs the commands that come in, each in a process of its own.
 *
 * <p>One thread reads the line; each command has a thread for its output, one for its errors and
 * one that waits for its end. Writing a frame takes the line's lock.
 */
public final class GuestServer {

  /** How long the streams of a command that has ended may be held open by what it left behind. */
  private static final Duration LINGER = Duration.ofMillis(500);

  private static final int NOT_FOUND = 127;

  private final DataInputStream in;
  private final DataOutputStream out;
  private final ReentrantLock line = new ReentrantLock();
  private final Map<Integer, Process> processes = new ConcurrentHashMap<>();

  private GuestServer(InputStream in, OutputStream out) {
    this.in = new DataInputStream(new BufferedInputStream(in));
    this.out = new DataOutputStream(new BufferedOutputStream(out));
  }

  /** Serves {@code serialLine}, a terminal in raw mode, until told to shut down. */
  public static void serve(Path serialLine) throws IOException {
    try (var in = new FileInputStream(serialLine.toFile());
        var out = new FileOutputStream(serialLine.toFile())) {
      new GuestServer(in, out).run();
    }
  }

  private void run() throws IOException {
    send(new Frame(0, Frame.Type.READY));
    for (Optional<Frame> next = Frame.readFrom(in);
        next.isPresent() && next.get().type() != Frame.Type.SHUTDOWN;
        next = Frame.readFrom(in)) {
      handle(next.get());
    }
  }

  private void handle(Frame frame) throws IOException {
    switch (frame.type()) {
      case START -> start(frame.channel(), Request.decoded(frame.body()));
      case INPUT, INPUT_END -> input(frame);
      case KILL -> kill(frame.channel());
      case READY, OUTPUT, ERRORS, EXIT, SHUTDOWN ->
          throw new IOException("unexpected " + frame.type());
    }
  }

  private void start(int channel, Request request) {
    var builder =
        new ProcessBuilder(request.command()).directory(Path.of(request.directory()).toFile());
    builder.environment().putAll(request.environment());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      send(
          new Frame(
              channel,
              Frame.Type.ERRORS,
              (e.getMessage() + System.lineSeparator()).getBytes(StandardCharsets.UTF_8)));
      send(Frame.exit(channel, NOT_FOUND));
      return;
    }
    processes.put(channel, process);
    List<Thread> pumps =
        List.of(
            pump(channel, Frame.Type.OUTPUT, process.getInputStream()),
            pump(channel, Frame.Type.ERRORS, process.getErrorStream()));
    Thread.ofPlatform()
        .daemon()
        .name("wait-" + channel)
        .start(() -> await(channel, process, pumps));
  }

  private Thread pump(int channel, Frame.Type type, InputStream stream) {
    return Thread.ofPlatform()
        .daemon()
        .name(type + "-" + channel)
        .start(
            () -> {
              byte[] buffer = new byte[8192];
              try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                  send(Frame.of(channel, type, buffer, n));
                }
              } catch (IOException e) {
                // The command was ended and its stream closed under the reader.
              }
            });
  }

  private void await(int channel, Process process, List<Thread> pumps) {
    try {
      int status = process.waitFor();
      for (Thread pump : pumps) {
        pump.join(LINGER);
      }
      processes.remove(channel);
      send(Frame.exit(channel, status));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void input(Frame frame) {
    Process process = processes.get(frame.channel());
    if (process == null) {
      return;
    }
    try {
      OutputStream stdin = process.getOutputStream();
      if (frame.type() == Frame.Type.INPUT_END) {
        stdin.close();
      } else {
        stdin.write(frame.body());
        stdin.flush();
      }
    } catch (IOException e) {
      // The command no longer reads: what is sent to it is lost, as with a pipe.
    }
  }

  private void kill(int channel) {
    Process process = processes.get(channel);
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private void send(Frame frame) {
    line.lock();
    try {
      frame.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("serial line", e);
    } finally {
      line.unlock();
    }
  }
}
