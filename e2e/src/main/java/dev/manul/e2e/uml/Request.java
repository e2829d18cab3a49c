package dev.manul.e2e.uml;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command to run in the guest.
 *
 * @param command the program and its arguments
 * @param environment variables set besides the guest's own
 * @param directory the working directory
 */
public record Request(List<String> command, Map<String, String> environment, String directory) {

  public Request {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  byte[] encoded() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(command.size());
      for (String word : command) {
        out.writeUTF(word);
      }
      out.writeInt(environment.size());
      for (Map.Entry<String, String> variable : environment.entrySet()) {
        out.writeUTF(variable.getKey());
        out.writeUTF(variable.getValue());
      }
      out.writeUTF(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Request decoded(byte[] body) throws IOException {
    try (var in = new DataInputStream(new ByteArrayInputStream(body))) {
      List<String> command = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        command.add(in.readUTF());
      }
      Map<String, String> environment = new TreeMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        environment.put(in.readUTF(), in.readUTF());
      }
      return new Request(command, environment, in.readUTF());
    }
  }
}
