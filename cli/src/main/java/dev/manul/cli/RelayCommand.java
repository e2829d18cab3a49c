package dev.manul.cli;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;

/**
 * {@code manulctl __relay}: asks the agent beside it what another manulctl, at the other end of its
 * standard input and output, wants to know; see {@link RelayLine}. It ends with its input.
 *
 * <p>Both ways go frames. To here: a number of the sender's choice, the milliseconds that each next
 * part of the answer may take, and the request. From here: one with the number 0 at the beginning,
 * then for each request those with its number, a length and as many octets of the answer; the
 * length 0 is the answer's end, −1 a failure, which a text follows.
 */
@Command(name = RelayCommand.NAME, hidden = true)
final class RelayCommand implements Callable<Integer> {
  static final String NAME = "__relay";

  static final int GREETING = 0;
  static final int END = 0;
  static final int FAILURE = -1;

  private static final int PIECE = 1 << 15;

  private final Root root;

  RelayCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() throws IOException {
    DataInputStream in = new DataInputStream(root.terminal().in());
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(root.terminal().out(), PIECE + 8));
    AgentLine agent = new SocketLine(root.agentSocket());
    send(out, GREETING, new byte[0], END);
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      while (true) {
        int number = in.readInt();
        Duration limit = Duration.ofMillis(in.readInt());
        String request = in.readUTF();
        requests.execute(() -> pass(agent, out, number, request, limit));
      }
    } catch (EOFException end) {
      return ExitCode.OK;
    }
  }

  private static void pass(
      AgentLine agent, DataOutputStream out, int number, String request, Duration limit) {
    try {
      try (InputStream answer = agent.ask(request, limit)) {
        byte[] piece = new byte[PIECE];
        for (int count = answer.read(piece); count >= 0; count = answer.read(piece)) {
          if (count > 0) {
            send(out, number, piece, count);
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        synchronized (out) {
          out.writeInt(number);
          out.writeInt(FAILURE);
          out.writeUTF(AgentClient.cause(e));
          out.flush();
        }
        return;
      }
      send(out, number, new byte[0], END);
    } catch (IOException e) {
      // Who asked has gone, and the end of the input is about to tell so.
    }
  }

  private static void send(DataOutputStream out, int number, byte[] piece, int length)
      throws IOException {
    synchronized (out) {
      out.writeInt(number);
      out.writeInt(length);
      out.write(piece, 0, length);
      out.flush();
    }
  }
}
