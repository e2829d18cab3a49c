package dev.manul.policy.kernel;

import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Runs programs inside a network namespace: a child inherits that of the thread that forks. */
public record HostPrograms(NetworkNamespace namespace) implements Programs {

  private static final int LIMIT_SECONDS = 60;

  @Override
  public Output run(List<String> command, String input) {
    Process process;
    try {
      process = namespace.call(() -> new ProcessBuilder(command).start());
    } catch (NetlinkException e) {
      throw new RulesException(command.getFirst() + ": cannot be started: " + e.getMessage(), e);
    }
    FutureTask<String> out = reading(process.getInputStream());
    FutureTask<String> errors = reading(process.getErrorStream());
    write(process.getOutputStream(), input);
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new RulesException(
            "%s: not done after %d s".formatted(String.join(" ", command), LIMIT_SECONDS));
      }
      return new Output(process.exitValue(), out.get(), errors.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RulesException(command.getFirst() + ": interrupted", e);
    } catch (ExecutionException e) {
      throw new RulesException(command.getFirst() + ": " + e.getCause().getMessage(), e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static FutureTask<String> reading(InputStream stream) {
    var task =
        new FutureTask<>(
            () -> {
              try (stream) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    var _ = Thread.ofVirtual().name("program output").start(task);
    return task;
  }

  /** A program that ends before it has read everything says why by itself. */
  private static void write(OutputStream stream, String input) {
    try (stream) {
      stream.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      return;
    }
  }
}
