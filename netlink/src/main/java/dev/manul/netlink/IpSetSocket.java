package dev.manul.netlink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks and changes the kernel's sets of addresses (ipset) of one namespace.
 *
 * <p>Not safe for use by several threads at once. Every call has an end.
 */
public final class IpSetSocket implements AutoCloseable {

  private static final int SEND_BYTES = 64 << 10;
  private static final int RECEIVE_BYTES = 64 << 10;
  private static final int RECEIVE_BUFFER = 1 << 20;
  private static final long CALL_TIMEOUT_MILLIS = 10_000;
  private static final long DUMP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** The most members of one message: the length of an attribute has 16 bits. */
  private static final int MOST_MEMBERS = 800;

  /** The kernel answers while it is being sent to, so the receive buffer must hold all answers. */
  private static final int MOST_MESSAGES = 256;

  private final NetlinkSocket socket;
  private final LibC.Memory sendMemory;
  private final MessageWriter writer;
  private final SetCodec codec;
  private final Attributes attributes;
  private int sequence;

  private IpSetSocket(LibC libc) {
    this.socket =
        NetlinkSocket.open(
            libc,
            NetlinkSocket.NETLINK_NETFILTER,
            RECEIVE_BUFFER,
            CALL_TIMEOUT_MILLIS,
            RECEIVE_BYTES);
    this.sendMemory = libc.allocate(SEND_BYTES);
    this.writer = new MessageWriter(sendMemory.bytes());
    this.codec = new SetCodec(writer);
    this.attributes = new Attributes(socket.bytes());
  }

  /**
   * A socket in a namespace; it stays there whichever thread uses it.
   *
   * @throws NetlinkException when the namespace cannot be entered or the socket not be opened
   */
  public static IpSetSocket open(NetworkNamespace namespace) {
    return namespace.call(() -> new IpSetSocket(LibC.get()));
  }

  /** All sets, without their members. */
  public List<FoundSet> sets() {
    List<FoundSet> sets = new ArrayList<>();
    list(
        "",
        walk -> {
          FoundSet set = SetCodec.readHead(walk);
          if (set != null) {
            sets.add(set);
          }
        });
    return sets;
  }

  /**
   * The members of a set.
   *
   * @throws NetlinkException ENOENT when there is no such set
   */
  public List<SetMember> members(String name) {
    List<SetMember> members = new ArrayList<>();
    list(name, walk -> SetCodec.readMembers(walk, members::add));
    return members;
  }

  private void list(String name, Consumer<Attributes> reader) {
    String what = name.isEmpty() ? "list sets" : "list set " + name;
    long deadline = System.nanoTime() + DUMP_TIMEOUT_NANOS;
    writer.clear();
    sequence++;
    codec.writeList(name, sequence);
    socket.send(sendMemory, writer.length());
    boolean _ =
        socket.readDump(
            what,
            sequence,
            () -> System.nanoTime() - deadline < 0,
            (_, _, from, to) -> reader.accept(attributes.over(from + SetCodec.HEADER, to)));
  }

  /**
   * Makes changes, in their order, many to a kernel call. One that fails does not stop those after
   * it.
   *
   * @return the failures, by the index of the change
   * @throws NetlinkException only when the socket itself fails; how far the changes went is then
   *     unknown
   */
  public Map<Integer, Errno> apply(List<SetChange> changes) {
    Map<Integer, Errno> failures = new HashMap<>();
    List<SetChange> parts = new ArrayList<>();
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      for (SetChange part : split(changes.get(i))) {
        parts.add(part);
        indexes.add(i);
      }
    }
    for (int next = 0; next < parts.size(); ) {
      next = applySome(parts, indexes, next, failures);
    }
    return failures;
  }

  private static List<SetChange> split(SetChange change) {
    return switch (change) {
      case SetChange.Add(var name, var members) -> {
        List<SetChange> parts = new ArrayList<>();
        chunks(members).forEach(chunk -> parts.add(new SetChange.Add(name, chunk)));
        yield parts;
      }
      case SetChange.Delete(var name, var members) -> {
        List<SetChange> parts = new ArrayList<>();
        chunks(members).forEach(chunk -> parts.add(new SetChange.Delete(name, chunk)));
        yield parts;
      }
      case SetChange.Create _, SetChange.Destroy _, SetChange.Swap _ -> List.of(change);
    };
  }

  private static List<List<SetMember>> chunks(List<SetMember> members) {
    List<List<SetMember>> chunks = new ArrayList<>();
    for (int from = 0; from < members.size(); from += MOST_MEMBERS) {
      chunks.add(members.subList(from, Math.min(members.size(), from + MOST_MEMBERS)));
    }
    return chunks;
  }

  /** Sends what fits; see {@link RouteSocket} for why only the last asks for an answer. */
  private int applySome(
      List<SetChange> parts, List<Integer> indexes, int from, Map<Integer, Errno> failures) {
    writer.clear();
    int first = sequence + 1;
    int next = from;
    int lastStart = 0;
    while (next < parts.size() && next - from < MOST_MESSAGES) {
      codec.write(parts.get(next), first + (next - from));
      if (writer.overflowed()) {
        break;
      }
      lastStart = writer.messageStart();
      next++;
    }
    if (next == from) {
      throw new NetlinkException("change set " + parts.get(from).name(), new Errno(90));
    }
    sequence = first + (next - from) - 1;
    writer.addFlags(lastStart, NetlinkSocket.NLM_F_ACK);
    socket.send(sendMemory, writer.length());
    readAnswers(indexes, from, first, sequence, failures);
    return next;
  }

  private void readAnswers(
      List<Integer> indexes, int from, int first, int last, Map<Integer, Errno> failures) {
    socket.readAnswers(
        "change sets",
        first,
        last,
        DUMP_TIMEOUT_NANOS,
        (number, errno, _, _) -> {
          var _ = failures.putIfAbsent(indexes.get(from + (number - first)), errno);
        });
  }

  /** Closes the socket; a second time does nothing. */
  @Override
  public void close() {
    socket.close();
  }
}
