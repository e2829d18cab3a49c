package dev.manul.netlink;

import dev.manul.model.AddressFamily;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Asks and changes the kernel's links, addresses, routes, neighbours and rules of one namespace.
 *
 * <p>Not safe for use by several threads at once: one owner, which should be a platform thread, as
 * every call blocks until the kernel has answered. Every call has an end: an answer that does not
 * come in time is a {@link NetlinkException} with ETIMEDOUT.
 *
 * <p>A socket has some 200 KiB of buffers outside the heap, used again for every call.
 */
public final class RouteSocket implements AutoCloseable {

  /** The octets of one send: some 2,000 routes, well below what a socket may send at once. */
  private static final int SEND_BYTES = 128 << 10;

  private static final int RECEIVE_BYTES = 64 << 10;
  private static final int BRIEF_SEND_BYTES = 8 << 10;
  private static final int BRIEF_RECEIVE_BYTES = 16 << 10;

  private static final int RECEIVE_BUFFER = 4 << 20;
  private static final long CALL_TIMEOUT_MILLIS = 10_000;
  private static final long DUMP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How often a dump that was interrupted by a change is begun again. */
  private static final int DUMP_ATTEMPTS = 20;

  /** What the kernel answers to a question about a packet that it would drop. */
  private static final Set<Errno> REFUSALS =
      Set.of(Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EXDEV, Errno.EACCES, Errno.EINVAL);

  private static final int[] FAMILIES = {Family.INET, Family.INET6};

  private final NetlinkSocket socket;
  private final LibC.Memory sendMemory;
  private final MessageWriter writer;
  private final ChangeSender sender;
  private final Attributes attributes;
  private int sequence;

  private RouteSocket(LibC libc, int sendBytes, int receiveBytes) {
    this.socket = NetlinkSocket.open(libc, RECEIVE_BUFFER, CALL_TIMEOUT_MILLIS, receiveBytes);
    this.sendMemory = libc.allocate(sendBytes);
    this.writer = new MessageWriter(sendMemory.bytes());
    this.sender = new ChangeSender(libc, socket, sendMemory, writer);
    this.attributes = new Attributes(socket.bytes());
  }

  /** A socket in the namespace of this process. */
  public static RouteSocket open() {
    return open(NetworkNamespace.current());
  }

  /**
   * A socket in a namespace; it stays there whichever thread uses it.
   *
   * @throws NetlinkException when the namespace cannot be entered or the socket not be opened
   */
  public static RouteSocket open(NetworkNamespace namespace) {
    return open(namespace, LibC.get());
  }

  static RouteSocket open(NetworkNamespace namespace, LibC libc) {
    return namespace.call(() -> new RouteSocket(libc, SEND_BYTES, RECEIVE_BYTES));
  }

  /**
   * A socket for a few calls in the namespace of the calling thread, with buffers of 24 KiB: memory
   * outside the heap is not given back before the next collection of garbage.
   */
  public static RouteSocket openBriefly() {
    return new RouteSocket(LibC.get(), BRIEF_SEND_BYTES, BRIEF_RECEIVE_BYTES);
  }

  /** The port by which the kernel knows this socket; see {@link NetlinkMonitor.Options}. */
  public int port() {
    return socket.port();
  }

  /** All links. */
  public List<Link> links() {
    return dump(
        "list links",
        LinkCodec.RTM_GETLINK,
        () -> LinkCodec.writeSelection(writer, Optional.empty()),
        (into, bytes, from, to) -> add(into, LinkCodec.read(bytes, from, to, attributes)));
  }

  /** The link of a name. */
  public Optional<Link> link(String name) {
    LinkNames.check(name);
    return ask(
        "get link " + name,
        LinkCodec.RTM_GETLINK,
        () -> LinkCodec.writeSelection(writer, Optional.of(name)),
        (bytes, from, to) -> Optional.ofNullable(LinkCodec.read(bytes, from, to, attributes)),
        errno -> errno.equals(Errno.ENODEV) ? Optional.of(Optional.empty()) : Optional.empty());
  }

  /**
   * What the kernel would do with a packet.
   *
   * @throws NetlinkException when the question itself is refused, such as one about a link that is
   *     not there (ENODEV)
   */
  public RouteAnswer lookUp(RouteQuestion question) {
    return ask(
        "look up " + question.destination(),
        RouteCodec.RTM_GETROUTE,
        () -> RouteCodec.writeQuestion(writer, question),
        (bytes, from, to) -> new RouteAnswer.Taken(RouteCodec.read(bytes, from, to, attributes)),
        errno ->
            REFUSALS.contains(errno)
                ? Optional.of(new RouteAnswer.Refused(errno))
                : Optional.empty());
  }

  /** Reads the one object that is the answer to a question. */
  @FunctionalInterface
  private interface AnswerReader<T> {
    T read(ByteBuffer bytes, int from, int to);
  }

  /**
   * Asks a question with one answer.
   *
   * @param refused gives what an error means where it is an answer; empty to throw it
   */
  private <T> T ask(
      String what,
      int type,
      Runnable body,
      AnswerReader<? extends T> reader,
      Function<Errno, Optional<? extends T>> refused) {
    Runnable question =
        () -> {
          writer.begin(type, NetlinkSocket.NLM_F_REQUEST, sequence);
          body.run();
          writer.end();
        };
    return ask(what, question, reader, refused);
  }

  /** The same with a question of whatever kind. */
  private <T> T ask(
      String what,
      Runnable question,
      AnswerReader<? extends T> reader,
      Function<Errno, Optional<? extends T>> refused) {
    writer.clear();
    sequence = socket.sequences(1);
    question.run();
    socket.send(sendMemory, writer.length());
    long deadline = System.nanoTime() + DUMP_TIMEOUT_NANOS;
    while (System.nanoTime() - deadline < 0) {
      int length = socket.receive();
      ByteBuffer bytes = socket.bytes();
      int from = MessageWriter.HEADER;
      if (length < from + 4 || bytes.getInt(8) != sequence) {
        continue; // the late answer to a call that was given up
      }
      if ((bytes.getShort(4) & 0xffff) != NetlinkSocket.NLMSG_ERROR) {
        return reader.read(bytes, from, length);
      }
      Errno errno = new Errno(-bytes.getInt(from));
      Optional<? extends T> answer = refused.apply(errno);
      if (answer.isPresent()) {
        return answer.get();
      }
      String detail = NetlinkSocket.acknowledgementText(bytes, from, length);
      throw new NetlinkException(what, errno, detail);
    }
    throw new NetlinkException(what, Errno.ETIMEDOUT);
  }

  /**
   * Creates a link, and gives it as the kernel made it. Kernels from 6.2 on tell that before they
   * acknowledge (NLM_F_ECHO); the others are asked for it.
   *
   * @throws NetlinkException when there is no such link then: EEXIST when there was one of its
   *     name, ENODEV when somebody has removed it at once
   */
  public Link create(Change.CreateLink creation) {
    String name = creation.spec().name();
    String what = "create " + name;
    try {
      return this.<Optional<Link>>ask(
              what,
              () -> {
                sender.write(creation, sequence);
                writer.addFlags(
                    writer.messageStart(), NetlinkSocket.NLM_F_ECHO | NetlinkSocket.NLM_F_ACK);
              },
              (bytes, from, to) -> Optional.ofNullable(LinkCodec.read(bytes, from, to, attributes)),
              errno -> errno.number() == 0 ? Optional.of(Optional.empty()) : Optional.empty())
          .or(() -> link(name))
          .orElseThrow(() -> new NetlinkException(what, Errno.ENODEV));
    } finally {
      sender.closeDescriptors();
    }
  }

  /** All addresses of both families. */
  public List<LinkAddress> addresses() {
    return dumpFamilies(
        "list addresses",
        AddressCodec.RTM_GETADDR,
        family -> AddressCodec.writeSelection(writer, family),
        (bytes, from, to) -> AddressCodec.read(bytes, from, to, attributes));
  }

  /** The routes of a selection; never those the kernel only caches. */
  public List<Route> routes(RouteSelection selection) {
    List<Route> all = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      if (selection.family().isEmpty() || selection.family().get() == family) {
        List<Route> some = routes(selection, family);
        if (all.isEmpty()) {
          all = some;
        } else {
          all.addAll(some);
        }
      }
    }
    return all;
  }

  private List<Route> routes(RouteSelection selection, AddressFamily family) {
    int number = Family.of(family);
    try {
      return dump(
          "list routes",
          RouteCodec.RTM_GETROUTE,
          () -> RouteCodec.writeSelection(writer, family, selection),
          (into, bytes, from, to) -> {
            if (bytes.get(from) == number) {
              Route route = RouteCodec.read(bytes, from, to, attributes);
              if (route != null && matches(route, selection)) {
                into.add(route);
              }
            }
          });
    } catch (NetlinkException e) {
      if (e.errno().equals(Errno.ENOENT) && selection.table().isPresent()) {
        return new ArrayList<>(); // a table without routes need not exist
      }
      throw e;
    }
  }

  private static boolean matches(Route route, RouteSelection wanted) {
    boolean inTable = wanted.table().orElse(route.table()) == route.table();
    if (!inTable || wanted.protocol().orElse(route.protocol()) != route.protocol()) {
      return false;
    }
    if (wanted.linkIndex().isEmpty()) {
      return true;
    }
    for (NextHop hop : route.nextHops()) {
      if (hop.linkIndex() == wanted.linkIndex().getAsInt()) {
        return true;
      }
    }
    return false;
  }

  /** The neighbours of both families. */
  public List<Neighbour> neighbours() {
    return dump(
        "list neighbours",
        NeighbourCodec.RTM_GETNEIGH,
        () -> NeighbourCodec.writeSelection(writer, 0, 0),
        (into, bytes, from, to) -> add(into, NeighbourCodec.read(bytes, from, to, attributes)));
  }

  /** The forwarding entries of one link: a VXLAN device or a bridge's port. */
  public List<ForwardingEntry> forwardingEntries(int linkIndex) {
    return dump(
        "list forwarding entries",
        NeighbourCodec.RTM_GETNEIGH,
        () -> NeighbourCodec.writeSelection(writer, Family.BRIDGE, linkIndex),
        (into, bytes, from, to) -> {
          ForwardingEntry entry = NeighbourCodec.readForwarding(bytes, from, to, attributes);
          if (entry != null && entry.linkIndex() == linkIndex) {
            into.add(entry);
          }
        });
  }

  /** The rules of both families, in the kernel's order. */
  public List<Rule> rules() {
    return dumpFamilies(
        "list rules",
        RuleCodec.RTM_GETRULE,
        family -> RuleCodec.writeSelection(writer, family),
        (bytes, from, to) -> RuleCodec.read(bytes, from, to, attributes));
  }

  /** A dump of each family; what the kernel adds of others is left out. */
  private <T> List<T> dumpFamilies(
      String what, int type, IntConsumer selection, AnswerReader<T> reader) {
    List<T> all = new ArrayList<>();
    for (int family : FAMILIES) {
      all.addAll(
          this.<T>dump(
              what,
              type,
              () -> selection.accept(family),
              (into, bytes, from, to) -> {
                if (bytes.get(from) == family) {
                  add(into, reader.read(bytes, from, to));
                }
              }));
    }
    return all;
  }

  private static <T> void add(List<T> into, T value) {
    if (value != null) {
      into.add(value);
    }
  }

  /** Reads one object of a dump. */
  @FunctionalInterface
  private interface ObjectReader<T> {
    void read(List<T> into, ByteBuffer bytes, int from, int to);
  }

  private <T> List<T> dump(String what, int type, Runnable body, ObjectReader<T> reader) {
    long deadline = System.nanoTime() + DUMP_TIMEOUT_NANOS;
    for (int attempt = 1; attempt <= DUMP_ATTEMPTS; attempt++) {
      writer.clear();
      sequence = socket.sequences(1);
      writer.begin(type, NetlinkSocket.NLM_F_REQUEST | NetlinkSocket.NLM_F_DUMP, sequence);
      body.run();
      writer.end();
      socket.send(sendMemory, writer.length());
      List<T> result = new ArrayList<>();
      boolean consistent =
          socket.readDump(
              what,
              sequence,
              () -> System.nanoTime() - deadline < 0,
              (bytes, _, from, to) -> reader.read(result, bytes, from, to));
      if (consistent) {
        return result;
      }
    }
    throw new NetlinkException(
        what, Errno.EINTR, "changes interrupted it " + DUMP_ATTEMPTS + " times");
  }

  /**
   * Makes changes, in their order, many to a kernel call. A change that fails does not stop those
   * after it.
   *
   * @throws NetlinkException only when the socket itself fails; how far the changes went is then
   *     unknown
   */
  public ApplyReport apply(List<? extends Change> batch) {
    return sender.apply(batch);
  }

  /** Closes the socket; a second time does nothing. */
  @Override
  public void close() {
    socket.close();
  }
}
