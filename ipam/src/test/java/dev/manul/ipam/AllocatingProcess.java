package dev.manul.ipam;

import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.Address;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that takes addresses for a node, one a handle, as fast as it can.
 *
 * <p>Arguments: the datastore's directory, the node, a name for its handles, how many addresses,
 * how many of them to give back on the way, and the file for the addresses it keeps. It prints
 * {@code ready}, begins when a line comes in, and prints how many milliseconds it took.
 */
final class AllocatingProcess {
  private AllocatingProcess() {}

  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    String node = arguments[1];
    int count = Integer.parseInt(arguments[3]);
    int released = Integer.parseInt(arguments[4]);
    List<Address> kept = new ArrayList<>();
    try (FileDatastore datastore = FileDatastore.open(directory)) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      System.out.println("ready");
      if (System.in.read() < 0) {
        return;
      }
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        String handle = arguments[2] + "." + i;
        AssignmentResult result = ipam.autoAssign(Fixtures.request(node, handle, 1));
        if (!result.complete()) {
          throw new IllegalStateException(result.problems().toString());
        }
        if (i < released) {
          ipam.releaseByHandle(handle);
        } else {
          kept.addAll(result.addresses());
        }
      }
      System.out.println((System.nanoTime() - start) / 1_000_000);
    }
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[5]))) {
      for (Address address : kept) {
        out.write(address.text());
        out.newLine();
      }
    }
  }
}
