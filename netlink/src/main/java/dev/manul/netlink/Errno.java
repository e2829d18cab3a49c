package dev.manul.netlink;

/**
 * An error number of Linux (asm-generic/errno-base.h and errno.h), such as EEXIST.
 *
 * @param number the number, positive
 */
public record Errno(int number) {

  public static final Errno EPERM = new Errno(1);
  public static final Errno ENOENT = new Errno(2);
  public static final Errno ESRCH = new Errno(3);
  public static final Errno EINTR = new Errno(4);
  public static final Errno EIO = new Errno(5);
  public static final Errno EAGAIN = new Errno(11);
  public static final Errno EACCES = new Errno(13);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno EEXIST = new Errno(17);
  public static final Errno EXDEV = new Errno(18);
  public static final Errno ENODEV = new Errno(19);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno EOPNOTSUPP = new Errno(95);
  public static final Errno EADDRINUSE = new Errno(98);
  public static final Errno EADDRNOTAVAIL = new Errno(99);
  public static final Errno ENETDOWN = new Errno(100);
  public static final Errno ENETUNREACH = new Errno(101);
  public static final Errno ENOBUFS = new Errno(105);
  public static final Errno ETIMEDOUT = new Errno(110);
  public static final Errno EHOSTUNREACH = new Errno(113);

  /** The symbol where it is one that netlink is known to answer with, else {@code errno 123}. */
  public String symbol() {
    return switch (number) {
      case 1 -> "EPERM";
      case 2 -> "ENOENT";
      case 3 -> "ESRCH";
      case 4 -> "EINTR";
      case 5 -> "EIO";
      case 9 -> "EBADF";
      case 11 -> "EAGAIN";
      case 12 -> "ENOMEM";
      case 13 -> "EACCES";
      case 14 -> "EFAULT";
      case 16 -> "EBUSY";
      case 17 -> "EEXIST";
      case 18 -> "EXDEV";
      case 19 -> "ENODEV";
      case 20 -> "ENOTDIR";
      case 22 -> "EINVAL";
      case 24 -> "EMFILE";
      case 28 -> "ENOSPC";
      case 34 -> "ERANGE";
      case 90 -> "EMSGSIZE";
      case 92 -> "ENOPROTOOPT";
      case 95 -> "EOPNOTSUPP";
      case 97 -> "EAFNOSUPPORT";
      case 98 -> "EADDRINUSE";
      case 99 -> "EADDRNOTAVAIL";
      case 100 -> "ENETDOWN";
      case 101 -> "ENETUNREACH";
      case 105 -> "ENOBUFS";
      case 107 -> "ENOTCONN";
      case 110 -> "ETIMEDOUT";
      case 113 -> "EHOSTUNREACH";
      default -> "errno " + number;
    };
  }

  /** What the error means in words; empty when only its number is known. */
  public String meaning() {
    return switch (number) {
      case 1 -> "operation not permitted";
      case 2 -> "no such file or object";
      case 3 -> "no such route, rule or process";
      case 4 -> "interrupted";
      case 5 -> "input or output error";
      case 9 -> "bad file descriptor";
      case 11 -> "try again";
      case 12 -> "out of memory";
      case 13 -> "permission denied";
      case 14 -> "bad address";
      case 16 -> "device or resource busy";
      case 17 -> "exists already";
      case 18 -> "invalid cross-device link";
      case 19 -> "no such device";
      case 20 -> "not a directory";
      case 22 -> "invalid argument";
      case 24 -> "too many open files";
      case 28 -> "no space left";
      case 34 -> "value out of range";
      case 90 -> "message too long";
      case 92 -> "protocol option not available";
      case 95 -> "operation not supported";
      case 97 -> "address family not supported";
      case 98 -> "address in use";
      case 99 -> "address not available";
      case 100 -> "network is down";
      case 101 -> "network is unreachable";
      case 105 -> "no buffer space";
      case 107 -> "not connected";
      case 110 -> "timed out";
      case 113 -> "no route to host";
      default -> "";
    };
  }

  @Override
  public String toString() {
    String meaning = meaning();
    return meaning.isEmpty() ? symbol() : meaning + " (" + symbol() + ")";
  }
}
