package dev.manul.netlink;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallContextCache;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * {@link LibC} by jffi, the layer of jnr-ffi that makes the calls.
 *
 * <p>What jnr-ffi lays above it, classes generated for an annotated interface, costs 100 ms and 13
 * MiB more at start-up and buys nothing here, where all arguments are numbers. Every argument is
 * passed as 64 bits, of which the callee looks at as many as it wants; results have the width the C
 * library declares, so that -1 is seen as such. Memory goes by its address: a call makes no
 * garbage.
 */
final class JffiLibC implements LibC {

  static final JffiLibC INSTANCE = new JffiLibC();

  private final Invoker invoker = Invoker.getInstance();
  private final LastError lastError = LastError.getInstance();
  private final Library library = openLibrary();

  private final Call socket = call("socket", Type.SINT32, 3);
  private final Call bind = call("bind", Type.SINT32, 3);
  private final Call connect = call("connect", Type.SINT32, 3);
  private final Call getsockname = call("getsockname", Type.SINT32, 3);
  private final Call setsockopt = call("setsockopt", Type.SINT32, 5);
  private final Call send = call("send", Type.SINT64, 4);
  private final Call recv = call("recv", Type.SINT64, 4);
  private final Call poll = call("poll", Type.SINT32, 3);
  private final Call eventfd = call("eventfd", Type.SINT32, 2);
  private final Call write = call("write", Type.SINT64, 3);
  private final Call read = call("read", Type.SINT64, 3);
  private final Call ioctl = call("ioctl", Type.SINT32, 3);
  private final Call recvmmsg = call("recvmmsg", Type.SINT32, 5);
  private final Call sendmmsg = call("sendmmsg", Type.SINT32, 4);
  private final Call close = call("close", Type.SINT32, 1);
  private final Call open = call("open", Type.SINT32, 2);
  private final Call setns = call("setns", Type.SINT32, 2);
  private final Call unshare = call("unshare", Type.SINT32, 1);
  private final Call mount = call("mount", Type.SINT32, 5);
  private final Call umount = call("umount2", Type.SINT32, 2);

  private JffiLibC() {}

  /** A function and how it is called. */
  private record Call(CallContext context, long address) {}

  private static Library openLibrary() {
    Library library = Library.getCachedInstance("libc.so.6", Library.LAZY | Library.GLOBAL);
    if (library == null) {
      throw new IllegalStateException("libc.so.6 cannot be loaded: " + Library.getLastError());
    }
    return library;
  }

  private Call call(String name, Type result, int arguments) {
    long address = library.getSymbolAddress(name);
    if (address == 0) {
      throw new IllegalStateException("libc.so.6 has no function " + name);
    }
    Type[] types = new Type[arguments];
    Arrays.fill(types, Type.SINT64);
    CallContext context =
        CallContextCache.getInstance()
            .getCallContext(result, types, CallingConvention.DEFAULT, true);
    return new Call(context, address);
  }

  /** A result of 32 bits comes with or without its sign in the other half, so that is cut off. */
  private int result(long result) {
    int narrow = (int) result;
    return narrow >= 0 ? narrow : -lastError.get();
  }

  private int invoke(Call call, long a) {
    return result(invoker.invokeN1(call.context, call.address, a));
  }

  private int invoke(Call call, long a, long b) {
    return result(invoker.invokeN2(call.context, call.address, a, b));
  }

  private int invoke(Call call, long a, long b, long c) {
    return result(invoker.invokeN3(call.context, call.address, a, b, c));
  }

  private int invoke(Call call, long a, long b, long c, long d) {
    return result(invoker.invokeN4(call.context, call.address, a, b, c, d));
  }

  private int invoke(Call call, long a, long b, long c, long d, long e) {
    return result(invoker.invokeN5(call.context, call.address, a, b, c, d, e));
  }

  @Override
  public Memory allocate(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    return new Memory(buffer, MemoryIO.getInstance().getDirectBufferAddress(buffer));
  }

  private Memory text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    Memory memory = allocate(bytes.length + 1); // direct buffers begin as zeros
    memory.bytes().put(0, bytes);
    return memory;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return invoke(socket, domain, type, protocol);
  }

  @Override
  public int bind(int fd, Memory address, int length) {
    try {
      return invoke(bind, fd, address.address(), length);
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  @Override
  public int connect(int fd, Memory address, int length) {
    try {
      return invoke(connect, fd, address.address(), length);
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  @Override
  public int getsockname(int fd, Memory address, int length) {
    Memory size = allocate(4);
    size.bytes().putInt(0, length);
    try {
      return invoke(getsockname, fd, address.address(), size.address());
    } finally {
      Reference.reachabilityFence(address);
      Reference.reachabilityFence(size);
    }
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    Memory memory = allocate(4);
    memory.bytes().putInt(0, value);
    try {
      return invoke(setsockopt, fd, level, option, memory.address(), 4);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int setTimeout(int fd, int option, long milliseconds) {
    Memory timeval = allocate(16);
    timeval.bytes().putLong(0, milliseconds / 1000).putLong(8, milliseconds % 1000 * 1000);
    try {
      return invoke(setsockopt, fd, SOL_SOCKET, option, timeval.address(), 16);
    } finally {
      Reference.reachabilityFence(timeval);
    }
  }

  @Override
  public int send(int fd, Memory memory, int length, int flags) {
    try {
      return invoke(send, fd, memory.address(), length, flags);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int recv(int fd, Memory memory, int length, int flags) {
    try {
      return invoke(recv, fd, memory.address(), length, flags);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int poll(Memory descriptors, int count, int timeoutMilliseconds) {
    try {
      return invoke(poll, descriptors.address(), count, timeoutMilliseconds);
    } finally {
      Reference.reachabilityFence(descriptors);
    }
  }

  @Override
  public int eventfd(int initial, int flags) {
    return invoke(eventfd, initial, flags);
  }

  @Override
  public int write(int fd, Memory memory, int length) {
    try {
      return invoke(write, fd, memory.address(), length);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int read(int fd, Memory memory, int offset, int length) {
    try {
      return invoke(read, fd, memory.address() + offset, length);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int write(int fd, Memory memory, int offset, int length) {
    try {
      return invoke(write, fd, memory.address() + offset, length);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  @Override
  public int ioctl(int fd, int request, Memory argument) {
    try {
      return invoke(ioctl, fd, request, argument.address());
    } finally {
      Reference.reachabilityFence(argument);
    }
  }

  @Override
  public int ioctl(int fd, int request, int argument) {
    return invoke(ioctl, fd, request, argument);
  }

  @Override
  public int recvmmsg(int fd, Memory headers, int count, int flags) {
    try {
      return invoke(recvmmsg, fd, headers.address(), count, flags, 0);
    } finally {
      Reference.reachabilityFence(headers);
    }
  }

  @Override
  public int sendmmsg(int fd, Memory headers, int offset, int count, int flags) {
    try {
      return invoke(sendmmsg, fd, headers.address() + offset, count, flags);
    } finally {
      Reference.reachabilityFence(headers);
    }
  }

  @Override
  public int close(int fd) {
    return invoke(close, fd);
  }

  @Override
  public int open(String path, int flags) {
    Memory file = text(path);
    try {
      return invoke(open, file.address(), flags);
    } finally {
      Reference.reachabilityFence(file);
    }
  }

  @Override
  public int setns(int fd, int type) {
    return invoke(setns, fd, type);
  }

  @Override
  public int unshare(int flags) {
    return invoke(unshare, flags);
  }

  @Override
  public int mount(String source, String target, String type, long flags) {
    Memory from = text(source);
    Memory to = text(target);
    Memory kind = text(type);
    try {
      return invoke(mount, from.address(), to.address(), kind.address(), flags, 0);
    } finally {
      Reference.reachabilityFence(from);
      Reference.reachabilityFence(to);
      Reference.reachabilityFence(kind);
    }
  }

  @Override
  public int umount(String target, int flags) {
    Memory file = text(target);
    try {
      return invoke(umount, file.address(), flags);
    } finally {
      Reference.reachabilityFence(file);
    }
  }
}
