package dev.manul.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes changes over a socket, many to a kernel call. */
final class ChangeSender {

  /**
   * The most messages of one send. The kernel answers while it is being sent to, so the receive
   * buffer must hold an answer, of about 1 KiB as the kernel counts, for each.
   */
  private static final int SEND_MESSAGES = 2048;

  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final LibC libc;
  private final NetlinkSocket socket;
  private final LibC.Memory sendMemory;
  private final MessageWriter writer;
  private final ChangeCodec changes;
  private final List<Integer> openDescriptors = new ArrayList<>();

  /**
   * @param writer writes to {@code sendMemory}
   */
  ChangeSender(LibC libc, NetlinkSocket socket, LibC.Memory sendMemory, MessageWriter writer) {
    this.libc = libc;
    this.socket = socket;
    this.sendMemory = sendMemory;
    this.writer = writer;
    this.changes = new ChangeCodec(writer, this::descriptorOf);
  }

  /** See {@link RouteSocket#apply}. */
  ApplyReport apply(List<? extends Change> batch) {
    List<ApplyReport.Failure> failures = new ArrayList<>();
    int size = batch.size();
    int next = 0;
    while (next < size) {
      next = applySome(batch, next, failures);
    }
    if (failures.isEmpty()) {
      return ApplyReport.done();
    }
    return new ApplyReport(failures);
  }

  /**
   * Writes and sends what fits into one send, and reads the answers.
   *
   * <p>Only the last message asks for an acknowledgement. The kernel works through the messages in
   * their order before the send returns, and answers an error to any message unasked; so when the
   * last one has been answered, what was not answered was done.
   *
   * @return the index of the first change that is still to be sent
   */
  private int applySome(
      List<? extends Change> batch, int from, List<ApplyReport.Failure> failures) {
    writer.clear();
    int firstSequence = socket.sequences(Math.min(batch.size() - from, SEND_MESSAGES));
    int next = from;
    int last = -1;
    int lastStart = 0;
    try {
      while (next < batch.size() && next - from < SEND_MESSAGES) {
        Change change = batch.get(next);
        if (write(change, next, firstSequence + (next - from), failures)) {
          if (writer.overflowed()) {
            break;
          }
          last = next;
          lastStart = writer.messageStart();
        }
        next++;
      }
      if (last >= 0) {
        writer.addFlags(lastStart, NetlinkSocket.NLM_F_ACK);
        socket.send(sendMemory, writer.length());
        readAnswers(batch, from, firstSequence, firstSequence + (last - from), failures);
      } else if (next == from) {
        // Nothing could be written although the buffer was empty.
        Change change = batch.get(from);
        failures.add(
            new ApplyReport.Failure(
                from,
                change,
                new Errno(90),
                "longer than " + sendMemory.bytes().capacity() + " octets"));
        next++;
      }
    } finally {
      closeDescriptors();
    }
    return next;
  }

  /** False when the change cannot even be written, which then is among the failures. */
  private boolean write(Change change, int index, int number, List<ApplyReport.Failure> failures) {
    try {
      changes.write(change, number);
      return true;
    } catch (NetlinkException e) {
      writer.abandon();
      failures.add(new ApplyReport.Failure(index, change, e.errno(), e.getMessage()));
      return false;
    }
  }

  private void readAnswers(
      List<? extends Change> batch,
      int from,
      int firstSequence,
      int lastSequence,
      List<ApplyReport.Failure> failures) {
    int before = failures.size();
    socket.readAnswers(
        "apply " + batch.size() + " changes",
        firstSequence,
        lastSequence,
        TIMEOUT_NANOS,
        (number, errno, answer, end) -> {
          int index = from + (number - firstSequence);
          String text = NetlinkSocket.acknowledgementText(socket.bytes(), answer, end);
          failures.add(new ApplyReport.Failure(index, batch.get(index), errno, text));
        });
    sortFrom(failures, before);
  }

  /** Failures to write and failures to apply come apart; put them into the batch's order. */
  private static void sortFrom(List<ApplyReport.Failure> failures, int before) {
    if (before > 0 && failures.size() > before) {
      failures.sort((a, b) -> Integer.compare(a.index(), b.index()));
    }
  }

  /**
   * Writes one change for somebody who sends it; {@link #closeDescriptors} after that.
   *
   * @throws NetlinkException when it names a namespace that cannot be opened
   */
  void write(Change change, int number) {
    changes.write(change, number);
  }

  private int descriptorOf(NetworkNamespace namespace) {
    int fd = namespace.openDescriptor(libc);
    openDescriptors.add(fd);
    return fd;
  }

  void closeDescriptors() {
    if (!openDescriptors.isEmpty()) {
      openDescriptors.forEach(fd -> libc.close(fd));
      openDescriptors.clear();
    }
  }
}
