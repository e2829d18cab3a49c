package dev.manul.netlink;

import java.util.function.IntBinaryOperator;

/** The real C library, whose answers a test may bend. */
final class FaultyLibC implements LibC {

  /** Given what was received. */
  interface OnReceive {
    /** What {@code recv} is to answer in place of {@code result}. */
    int answer(Memory memory, int result);
  }

  private final LibC real = LibC.get();
  OnReceive onReceive = (memory, result) -> result;

  /** Given the flags of a receive and its result. */
  IntBinaryOperator beforeReceive = (fd, flags) -> 0;

  /** Called before a message is sent. */
  Runnable onSend = () -> {};

  /** Called after octets were read. */
  volatile Runnable onRead = () -> {};

  int sends;

  @Override
  public Memory allocate(int bytes) {
    return real.allocate(bytes);
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return real.socket(domain, type, protocol);
  }

  @Override
  public int bind(int fd, Memory address, int length) {
    return real.bind(fd, address, length);
  }

  @Override
  public int connect(int fd, Memory address, int length) {
    return real.connect(fd, address, length);
  }

  @Override
  public int getsockname(int fd, Memory address, int length) {
    return real.getsockname(fd, address, length);
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    return real.setsockopt(fd, level, option, value);
  }

  @Override
  public int setTimeout(int fd, int option, long milliseconds) {
    return real.setTimeout(fd, option, Math.min(milliseconds, 200));
  }

  @Override
  public int send(int fd, Memory memory, int length, int flags) {
    sends++;
    onSend.run();
    return real.send(fd, memory, length, flags);
  }

  @Override
  public int recv(int fd, Memory memory, int length, int flags) {
    int instead = beforeReceive.applyAsInt(fd, flags);
    return instead < 0 ? instead : onReceive.answer(memory, real.recv(fd, memory, length, flags));
  }

  @Override
  public int poll(Memory descriptors, int count, int timeoutMilliseconds) {
    return real.poll(descriptors, count, timeoutMilliseconds);
  }

  @Override
  public int eventfd(int initial, int flags) {
    return real.eventfd(initial, flags);
  }

  @Override
  public int write(int fd, Memory memory, int length) {
    return real.write(fd, memory, length);
  }

  @Override
  public int read(int fd, Memory memory, int offset, int length) {
    int result = real.read(fd, memory, offset, length);
    if (result > 0) {
      onRead.run();
    }
    return result;
  }

  @Override
  public int write(int fd, Memory memory, int offset, int length) {
    return real.write(fd, memory, offset, length);
  }

  @Override
  public int ioctl(int fd, int request, Memory argument) {
    return real.ioctl(fd, request, argument);
  }

  @Override
  public int ioctl(int fd, int request, int argument) {
    return real.ioctl(fd, request, argument);
  }

  @Override
  public int recvmmsg(int fd, Memory headers, int count, int flags) {
    return real.recvmmsg(fd, headers, count, flags);
  }

  @Override
  public int sendmmsg(int fd, Memory headers, int offset, int count, int flags) {
    return real.sendmmsg(fd, headers, offset, count, flags);
  }

  @Override
  public int close(int fd) {
    return real.close(fd);
  }

  @Override
  public int open(String path, int flags) {
    return real.open(path, flags);
  }

  @Override
  public int setns(int fd, int type) {
    return real.setns(fd, type);
  }

  @Override
  public int unshare(int flags) {
    return real.unshare(flags);
  }

  @Override
  public int mount(String source, String target, String type, long flags) {
    return real.mount(source, target, type, flags);
  }

  @Override
  public int umount(String target, int flags) {
    return real.umount(target, flags);
  }
}
