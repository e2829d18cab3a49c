package dev.manul.netlink;

import java.nio.ByteBuffer;

/**
 * The calls of the C library that this package makes: its only door to the kernel.
 *
 * <p>Every call returns what the C function does, or the negative error number where that fails.
 * The number is read on the calling thread before anything else can happen on it, so the caller
 * should not be a virtual thread that expects to wait here.
 */
interface LibC {

  int AF_INET = 2;
  int AF_INET6 = 10;
  int AF_NETLINK = 16;
  int SOCK_DGRAM = 2;
  int SOCK_RAW = 3;
  int SOCK_CLOEXEC = 0x80000;
  int SOL_SOCKET = 1;
  int SOL_NETLINK = 270;
  int SO_SNDBUF = 7;
  int SO_RCVBUF = 8;
  int SO_RCVTIMEO = 20;
  int SO_SNDTIMEO = 21;
  int SO_SNDBUFFORCE = 32;
  int SO_RCVBUFFORCE = 33;
  int MSG_TRUNC = 0x20;
  int MSG_DONTWAIT = 0x40;
  int O_RDONLY = 0;
  int O_RDWR = 2;
  int O_NONBLOCK = 0x800;
  int O_CLOEXEC = 0x80000;
  int EFD_CLOEXEC = 0x80000;
  int EFD_NONBLOCK = 0x800;
  int CLONE_NEWNET = 0x4000_0000;
  int MS_BIND = 0x1000;
  int MS_REC = 0x4000;
  int MS_SHARED = 0x100000;
  int MNT_DETACH = 2;
  short POLLIN = 1;

  /** The one of this process, loaded when it is first asked for. */
  static LibC get() {
    return JffiLibC.INSTANCE;
  }

  /** Memory outside the heap, of the machine's byte order, whose address never changes. */
  Memory allocate(int bytes);

  int socket(int domain, int type, int protocol);

  int bind(int fd, Memory address, int length);

  int connect(int fd, Memory address, int length);

  /** {@code getsockname} with a length of {@code length}. */
  int getsockname(int fd, Memory address, int length);

  int setsockopt(int fd, int level, int option, int value);

  /** {@code setsockopt} with a {@code struct timeval}. */
  int setTimeout(int fd, int option, long milliseconds);

  int send(int fd, Memory memory, int length, int flags);

  int recv(int fd, Memory memory, int length, int flags);

  /** {@code poll} on an array of {@code count} {@code struct pollfd}. */
  int poll(Memory descriptors, int count, int timeoutMilliseconds);

  int eventfd(int initial, int flags);

  int write(int fd, Memory memory, int length);

  /** {@code read} to an offset of the memory. */
  int read(int fd, Memory memory, int offset, int length);

  /** {@code write} from an offset of the memory. */
  int write(int fd, Memory memory, int offset, int length);

  /** {@code ioctl} with the address of a structure. */
  int ioctl(int fd, int request, Memory argument);

  /** {@code ioctl} with a number. */
  int ioctl(int fd, int request, int argument);

  /** {@code recvmmsg} into {@code count} {@code struct mmsghdr} without a time-out. */
  int recvmmsg(int fd, Memory headers, int count, int flags);

  /** {@code sendmmsg} of {@code count} {@code struct mmsghdr} from an offset of the memory. */
  int sendmmsg(int fd, Memory headers, int offset, int count, int flags);

  int close(int fd);

  int open(String path, int flags);

  int setns(int fd, int type);

  int unshare(int flags);

  int mount(String source, String target, String type, long flags);

  int umount(String target, int flags);

  /**
   * Memory outside the heap.
   *
   * @param bytes the memory, which it keeps alive
   * @param address where it begins
   */
  record Memory(ByteBuffer bytes, long address) {}
}
