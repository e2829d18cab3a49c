package dev.manul.cli;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * To an agent of another machine: by a program that runs {@link RelayCommand} beside it, such as
 * {@code kubectl exec}, and carries its standard input and output. It is started at the first
 * request and ended with this; requests share it.
 */
final class RelayLine implements AgentLine, AutoCloseable {
  /** What it takes at most to start a program on another machine, a JVM included. */
  private static final Duration START = Duration.ofSeconds(30);

  private final String place;
  private final List<String> command;
  private final Map<String, String> variables;
  private final Map<Integer, Answer> answers = new HashMap<>(); // guarded by this
  private final CountDownLatch greeted = new CountDownLatch(1);
  private final AtomicReference<String> complaint = new AtomicReference<>("");
  private Process process; // guarded by this
  private DataOutputStream requests; // guarded by this
  private int last; // guarded by this
  private boolean ended; // guarded by this

  /**
   * @param place where the agent is, such as {@code on node b (pod kube-system/manul-node-x)}
   * @param command runs the relay
   */
  RelayLine(String place, List<String> command, Map<String, String> variables) {
    this.place = place;
    this.command = List.copyOf(command);
    this.variables = Map.copyOf(variables);
  }

  /** Starts the program before the first request; where it cannot be, that request says so. */
  void begin() {
    try {
      start();
    } catch (IOException e) {
      // said when something is asked
    }
  }

  @Override
  public String place() {
    return place;
  }

  @Override
  public String advice() {
    return "";
  }

  @Override
  public InputStream ask(String request, Duration limit) throws IOException {
    start();
    try {
      if (!greeted.await(START.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            command.getFirst() + " has not begun within " + START.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    synchronized (this) {
      if (ended) {
        throw new IOException(ending());
      }
      int number = ++last;
      Answer answer = new Answer(number, limit);
      answers.put(number, answer);
      requests.writeInt(number);
      requests.writeInt((int) limit.toMillis());
      requests.writeUTF(request);
      requests.flush();
      return answer;
    }
  }

  private synchronized void start() throws IOException {
    if (process != null) {
      return;
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(command.getFirst() + " is not there", e);
    }
    requests = new DataOutputStream(process.getOutputStream());
    DataInputStream from = new DataInputStream(process.getInputStream());
    Thread complaints = Thread.startVirtualThread(this::listen);
    Thread.startVirtualThread(
        () -> {
          try {
            receive(from);
          } catch (IOException end) {
            try {
              complaints.join(START); // it says why
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            end();
          }
        });
  }

  /** Keeps the last line of what the program complains of. */
  private void listen() {
    try (InputStream err = process.getErrorStream()) {
      new String(err.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("Try '"))
          .forEach(complaint::set);
    } catch (IOException e) {
      // its end is told by its output as well
    }
  }

  private void receive(DataInputStream from) throws IOException {
    while (true) {
      int number = from.readInt();
      int length = from.readInt();
      if (number == RelayCommand.GREETING) {
        greeted.countDown();
        continue;
      }
      Part part =
          switch (length) {
            case RelayCommand.END -> new Part.End();
            case RelayCommand.FAILURE -> new Part.Failed(from.readUTF());
            default -> new Part.Octets(new ByteArrayInputStream(from.readNBytes(length)));
          };
      synchronized (this) {
        Answer answer = answers.get(number);
        if (answer != null) { // nobody waits for it any more
          answer.parts.add(part);
        }
      }
    }
  }

  private String ending() {
    String why = complaint.get();
    return String.join(" ", command.subList(0, 1))
        + " has ended"
        + (why.isEmpty() ? "" : ": " + why);
  }

  private synchronized void end() {
    ended = true;
    answers.values().forEach(answer -> answer.parts.add(new Part.Failed(ending())));
    greeted.countDown();
  }

  @Override
  public synchronized void close() {
    if (process != null) {
      try {
        requests.close(); // by which the relay ends, and the program that carries it
      } catch (IOException e) {
        process.destroy();
      }
    }
  }

  /** What comes of an answer. */
  private sealed interface Part {
    record Octets(ByteArrayInputStream octets) implements Part {}

    record End() implements Part {}

    record Failed(String why) implements Part {}
  }

  /** An answer as it comes. */
  private final class Answer extends InputStream {
    private final int number;
    private final Duration limit;
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private Part part = new Part.Octets(new ByteArrayInputStream(new byte[0]));

    Answer(int number, Duration limit) {
      this.number = number;
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      if (most == 0) {
        return 0;
      }
      while (part instanceof Part.Octets(ByteArrayInputStream octets)) {
        int count = octets.read(into, from, most);
        if (count > 0) {
          return count;
        }
        part = next();
      }
      if (part instanceof Part.Failed(String why)) {
        throw new IOException(why);
      }
      return -1;
    }

    private Part next() throws IOException {
      try {
        // The relay counts the time, too, and its word is the better one.
        Part next = parts.poll(limit.toMillis() + 5_000, TimeUnit.MILLISECONDS);
        if (next == null) {
          throw new IOException("no answer within " + limit.toMillis() + " ms");
        }
        return next;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void close() {
      synchronized (RelayLine.this) {
        answers.remove(number);
      }
    }
  }
}
