package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The bare C program e2e/bench/bgp.c: peers that send what they are told, as fast as it goes. */
final class BgpLoad implements AutoCloseable {

  private final Process process;
  private final BufferedReader answers;
  private final OutputStream commands;

  BgpLoad(Path program, String namespace, int peers, int prefixes) {
    List<String> command =
        Run.inNamespace(
            namespace,
            List.of(
                program.toString(),
                BgpContender.ADDRESS,
                Integer.toString(BgpContender.AS),
                Integer.toString(peers),
                Integer.toString(prefixes)));
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    commands = process.getOutputStream();
  }

  /** The address of a peer. */
  static String address(int peer) {
    return "10.9." + peer / 250 + "." + (1 + peer % 250);
  }

  /** Gives a command that bgp.c describes; the first figure of its answer. */
  double ask(String command) {
    return Double.parseDouble(figures(command)[0]);
  }

  /** Gives a command; all figures of its answer. */
  String[] figures(String command) {
    try {
      commands.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
      commands.flush();
      String answer = answers.readLine();
      if (answer == null || !answer.startsWith("ok ")) {
        throw new LabException("bgp bench: %s: %s", command, answer);
      }
      return answer.substring(3).split(" ", -1);
    } catch (IOException e) {
      throw new LabException("bgp bench: %s: %s", command, e.getMessage());
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
