// Sends packets to another pod and measures: one TCP stream, new TCP connections one after another,
// datagrams that come back.
//
//   packets server ADDRESS            serves until it is killed
//   packets stream ADDRESS SECONDS    prints Gbit/s
//   packets connect ADDRESS SECONDS   prints connections a second
//   packets echo ADDRESS COUNT        prints the median and the 99th percentile in microseconds
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAM = 5001, CONNECT = 5002, ECHO = 5003, PIECE = 1 << 17 };

static char piece[PIECE];

static void need(int good, const char *what) {
  if (!good) {
    perror(what);
    exit(1);
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in at(const char *address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  need(inet_pton(AF_INET, address, &to.sin_addr) == 1, "address");
  return to;
}

static int bound(const char *address, int port, int type) {
  struct sockaddr_in here = at(address, port);
  int s = socket(AF_INET, type, 0), yes = 1;
  need(s >= 0, "socket");
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  need(bind(s, (struct sockaddr *)&here, sizeof here) == 0, "bind");
  if (type == SOCK_STREAM) need(listen(s, 1024) == 0, "listen");
  return s;
}

static int connected(const char *address, int port, int type) {
  struct sockaddr_in to = at(address, port);
  int s = socket(AF_INET, type, 0);
  need(s >= 0, "socket");
  need(connect(s, (struct sockaddr *)&to, sizeof to) == 0, "connect");
  return s;
}

static void sink(int s) {
  for (;;) {
    int c = accept(s, NULL, NULL);
    while (c >= 0 && read(c, piece, PIECE) > 0) {
    }
    close(c);
  }
}

static void reflect(int s) {
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(s, piece, PIECE, 0, (struct sockaddr *)&from, &size);
    if (n >= 0) sendto(s, piece, n, 0, (struct sockaddr *)&from, size);
  }
}

static void serve(const char *address) {
  int stream = bound(address, STREAM, SOCK_STREAM), connects = bound(address, CONNECT, SOCK_STREAM);
  int echo = bound(address, ECHO, SOCK_DGRAM);
  puts("ready");
  fflush(stdout);
  pid_t parent = getpid();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) sink(connects);
    exit(0);
  }
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) reflect(echo);
    exit(0);
  }
  sink(stream);
}

static double stream(const char *address, double seconds) {
  int s = connected(address, STREAM, SOCK_STREAM);
  double start = now(), sent = 0;
  while (now() - start < seconds) {
    ssize_t n = write(s, piece, PIECE);
    need(n > 0, "write");
    sent += n;
  }
  return sent * 8 / 1e9 / (now() - start);
}

static double connects(const char *address, double seconds) {
  struct linger at_once = {1, 0}; // no TIME_WAIT, or ports run out
  double start = now();
  long done = 0;
  for (; now() - start < seconds; done++) {
    int s = connected(address, CONNECT, SOCK_STREAM);
    setsockopt(s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(s);
  }
  return done / (now() - start);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void echo(const char *address, int count) {
  int s = connected(address, ECHO, SOCK_DGRAM);
  double *took = calloc(count, sizeof *took);
  for (int i = 0; i < count; i++) {
    double start = now();
    need(send(s, piece, 64, 0) == 64, "send");
    need(recv(s, piece, PIECE, 0) == 64, "recv");
    took[i] = (now() - start) * 1e6;
  }
  qsort(took, count, sizeof *took, ascending);
  printf("%.2f %.2f\n", took[count / 2], took[count * 99 / 100]);
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "server")) serve(argv[2]);
  if (argc != 4) return 2;
  if (!strcmp(argv[1], "stream")) printf("%.3f\n", stream(argv[2], atof(argv[3])));
  if (!strcmp(argv[1], "connect")) printf("%.0f\n", connects(argv[2], atof(argv[3])));
  if (!strcmp(argv[1], "echo")) echo(argv[2], atoi(argv[3]));
  return 0;
}
