package dev.manul.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.types.intptr_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.socklen_t;
import jnr.ffi.types.ssize_t;

/** {@link LibC} by jnr-ffi. Memory goes by its address, so that a call makes no garbage. */
final class JnrLibC implements LibC {

  static final JnrLibC INSTANCE = new JnrLibC();

  /** The C functions; public because jnr-ffi implements it in a class of its own. */
  public interface Functions {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @intptr_t long address, @socklen_t int length);

    int connect(int fd, @intptr_t long address, @socklen_t int length);

    int getsockname(int fd, @intptr_t long address, @intptr_t long length);

    int setsockopt(int fd, int level, int option, @intptr_t long value, @socklen_t int length);

    @ssize_t
    long send(int fd, @intptr_t long buffer, @size_t long length, int flags);

    @ssize_t
    long recv(int fd, @intptr_t long buffer, @size_t long length, int flags);

    int poll(@intptr_t long descriptors, @size_t long count, int timeout);

    int eventfd(int initial, int flags);

    @ssize_t
    long write(int fd, @intptr_t long buffer, @size_t long length);

    int close(int fd);

    int open(CharSequence path, int flags);

    int setns(int fd, int type);

    int unshare(int flags);

    int mount(
        CharSequence source, CharSequence target, CharSequence type, @size_t long flags, Pointer d);

    int umount2(CharSequence target, int flags);
  }

  private final Functions c = LibraryLoader.create(Functions.class).load("c");
  private final Runtime runtime = Runtime.getRuntime(c);

  private JnrLibC() {}

  @Override
  public Memory allocate(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    return new Memory(buffer, Pointer.wrap(runtime, buffer).address());
  }

  private int result(long result) {
    return result >= 0 ? (int) result : -runtime.getLastError();
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return result(c.socket(domain, type, protocol));
  }

  @Override
  public int bind(int fd, Memory address, int length) {
    return result(c.bind(fd, address.address(), length));
  }

  @Override
  public int connect(int fd, Memory address, int length) {
    return result(c.connect(fd, address.address(), length));
  }

  @Override
  public int getsockname(int fd, Memory address, int length) {
    Memory size = allocate(4);
    size.bytes().putInt(0, length);
    return result(c.getsockname(fd, address.address(), size.address()));
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    Memory memory = allocate(4);
    memory.bytes().putInt(0, value);
    return result(c.setsockopt(fd, level, option, memory.address(), 4));
  }

  @Override
  public int setTimeout(int fd, int option, long milliseconds) {
    Memory timeval = allocate(16);
    timeval.bytes().putLong(0, milliseconds / 1000).putLong(8, milliseconds % 1000 * 1000);
    return result(c.setsockopt(fd, SOL_SOCKET, option, timeval.address(), 16));
  }

  @Override
  public int send(int fd, Memory memory, int length, int flags) {
    return result(c.send(fd, memory.address(), length, flags));
  }

  @Override
  public int recv(int fd, Memory memory, int length, int flags) {
    return result(c.recv(fd, memory.address(), length, flags));
  }

  @Override
  public int poll(Memory descriptors, int count, int timeoutMilliseconds) {
    return result(c.poll(descriptors.address(), count, timeoutMilliseconds));
  }

  @Override
  public int eventfd(int initial, int flags) {
    return result(c.eventfd(initial, flags));
  }

  @Override
  public int write(int fd, Memory memory, int length) {
    return result(c.write(fd, memory.address(), length));
  }

  @Override
  public int close(int fd) {
    return result(c.close(fd));
  }

  @Override
  public int open(String path, int flags) {
    return result(c.open(path, flags));
  }

  @Override
  public int setns(int fd, int type) {
    return result(c.setns(fd, type));
  }

  @Override
  public int unshare(int flags) {
    return result(c.unshare(flags));
  }

  @Override
  public int mount(String source, String target, String type, long flags) {
    return result(c.mount(source, target, type, flags, null));
  }

  @Override
  public int umount(String target, int flags) {
    return result(c.umount2(target, flags));
  }
}
