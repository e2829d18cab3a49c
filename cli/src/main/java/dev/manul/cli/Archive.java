package dev.manul.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;

/**
 * Writes files into a gzipped tar archive as they come (POSIX.1-2017 pax, ustar interchange
 * format). Safe for use by several threads.
 */
final class Archive implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 100;

  private final OutputStream out;
  private final String top;
  private final Instant time;

  /**
   * @param top the directory that everything is in
   * @param time the files' time
   */
  Archive(OutputStream out, String top, Instant time) throws IOException {
    this.out = new GZIPOutputStream(out);
    this.top = top;
    this.time = time;
  }

  void add(String name, String text) throws IOException {
    add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  synchronized void add(String name, byte[] content) throws IOException {
    byte[] header = new byte[BLOCK];
    byte[] path = (top + "/" + name).getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_NAME) {
      // The part before a slash goes into a field of its own.
      int slash = cut(path);
      put(header, 0, new String(path, slash + 1, path.length - slash - 1, StandardCharsets.UTF_8));
      put(header, 345, new String(path, 0, slash, StandardCharsets.UTF_8));
    } else {
      put(header, 0, top + "/" + name);
    }
    put(header, 100, "0000600\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format("%011o\0", content.length));
    put(header, 136, String.format("%011o\0", time.getEpochSecond()));
    put(header, 148, "        "); // the checksum, as if of spaces
    put(header, 156, "0");
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte octet : header) {
      sum += octet & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    out.write(header);
    out.write(content);
    out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  private static int cut(byte[] path) throws IOException {
    for (int i = Math.max(0, path.length - LONGEST_NAME - 1); i < path.length; i++) {
      if (path[i] == '/' && i <= 155) {
        return i;
      }
    }
    throw new IOException("a name is too long for an archive");
  }

  private static void put(byte[] header, int at, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(octets, 0, header, at, octets.length);
  }

  @Override
  public synchronized void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.close();
  }
}
