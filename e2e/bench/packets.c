// Sends packets to another pod and measures: one TCP stream, new TCP connections one after another,
// datagrams that come back.
//
//   packets server ADDRESS            serves until it is killed
//   packets stream ADDRESS SECONDS    prints Gbit/s
//   packets connect ADDRESS SECONDS   prints connections a second
//   packets echo ADDRESS COUNT        prints the median and the 99th percentile in microseconds
//   packets turns ADDRESS SECONDS MIB ECHOES SERVER CLIENT SERVER CLIENT
//                                     measures two pairs of network namespaces in turns
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { STREAM = 5001, CONNECT = 5002, ECHO = 5003, PIECE = 1 << 17 };
enum { BEDS = 2, TURNS = 4, SILENT_SECONDS = 60 };

// However slow a way is, half a turn ends after about this.
static const double HALF_TURN_SECONDS = 0.05;

// Buffers are being made, windows grow.
static const double WARM_UP_SECONDS = 0.2;

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

// A socket stays in the namespace that its thread was in when it was made.
static void enter(const char *namespace) {
  char path[256];
  snprintf(path, sizeof path, "/var/run/netns/%s", namespace);
  int f = open(path, O_RDONLY | O_CLOEXEC);
  need(f >= 0 && setns(f, CLONE_NEWNET) == 0, path);
  close(f);
}

// Client and server keep to one processor: neither waits for another to wake up, which takes longer
// than a packet.
static void pin(void) {
  cpu_set_t all, one;
  need(sched_getaffinity(0, sizeof all, &all) == 0, "sched_getaffinity");
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(last, &all)) last--;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  need(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

// Tells the sender when what it marked the end of has been read.
static void *acknowledge(void *listener) {
  int s = accept((intptr_t)listener, NULL, NULL);
  ssize_t n;
  while ((n = read(s, piece, PIECE)) > 0) {
    if (piece[n - 1] && write(s, "", 1) != 1) break;
  }
  return NULL;
}

static void *reflecting(void *s) {
  reflect((intptr_t)s);
  return NULL;
}

static double half_stream(int s, long bytes) {
  double start = now();
  long sent = 0;
  for (int last = 0; !last;) {
    last = sent + PIECE >= bytes || now() - start > HALF_TURN_SECONDS;
    piece[PIECE - 1] = last;
    ssize_t n = write(s, piece, PIECE);
    need(n == PIECE, "write");
    sent += n;
  }
  char end;
  need(read(s, &end, 1) == 1, "read");
  return sent * 8 / 1e9 / (now() - start);
}

// A datagram that is lost is sent again; an answer that comes too late is none.
static double half_echo(int s, int count, double *took) {
  static int number;
  int done = 0, answer;
  double begin = now();
  while (done < count && (done == 0 || now() - begin < HALF_TURN_SECONDS)) {
    number++;
    memcpy(piece, &number, sizeof number);
    double start = now();
    need(send(s, piece, 64, 0) == 64, "send");
    do {
      answer = number;
      if (recv(s, piece, 64, 0) == 64) memcpy(&answer, piece, sizeof answer);
      else answer = 0;
    } while (answer && answer != number);
    if (answer) took[done++] = (now() - start) * 1e6;
  }
  memset(piece, 0, 64);
  qsort(took, done, sizeof *took, ascending);
  return took[done / 2];
}

static void answer(const int *listening, const int *reflected) {
  pthread_t thread;
  for (int bed = 0; bed < BEDS; bed++) {
    pthread_create(&thread, NULL, acknowledge, (void *)(intptr_t)listening[bed]);
    pthread_create(&thread, NULL, reflecting, (void *)(intptr_t)reflected[bed]);
  }
  for (;;) pause();
}

// Prints a line a turn: the pair, Gbit/s, the median of the echoes in microseconds. A round is four
// turns, there and back between the pairs, and the next round begins with the other pair. One
// process asks in both pairs, and one answers, so that both have the same memory and processors.
static void turns(const char *address, double seconds, long bytes, int echoes, char **namespaces) {
  int listening[BEDS], reflected[BEDS], streams[BEDS], datagrams[BEDS];
  double *took = calloc(echoes, sizeof *took);
  need(took && bytes > 0, "memory");
  alarm(SILENT_SECONDS + (int)seconds);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin();
  for (int bed = 0; bed < BEDS; bed++) {
    enter(namespaces[2 * bed]);
    listening[bed] = bound(address, STREAM, SOCK_STREAM);
    reflected[bed] = bound(address, ECHO, SOCK_DGRAM);
  }
  pid_t parent = getpid();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) answer(listening, reflected);
    exit(0);
  }
  for (int bed = 0; bed < BEDS; bed++) {
    struct timeval lost = {0, 200000};
    enter(namespaces[2 * bed + 1]);
    streams[bed] = connected(address, STREAM, SOCK_STREAM);
    datagrams[bed] = connected(address, ECHO, SOCK_DGRAM);
    setsockopt(datagrams[bed], SOL_SOCKET, SO_RCVTIMEO, &lost, sizeof lost);
  }
  double measured = now() + WARM_UP_SECONDS, start;
  int printed = 0;
  for (int round = 0; (start = now()) < measured + seconds || !printed; round++) {
    for (int turn = 0; turn < TURNS; turn++) {
      int bed = (turn == 1 || turn == 2) ^ (round & 1);
      double gigabits = half_stream(streams[bed], bytes);
      double micros = half_echo(datagrams[bed], echoes, took);
      if (start >= measured) printed += printf("%d %.3f %.2f\n", bed, gigabits, micros);
    }
  }
}

int main(int argc, char **argv) {
  if (argc == 10 && !strcmp(argv[1], "turns")) {
    turns(argv[2], atof(argv[3]), atol(argv[4]) << 20, atoi(argv[5]), argv + 6);
    return 0;
  }
  if (argc == 3 && !strcmp(argv[1], "server")) serve(argv[2]);
  if (argc != 4) return 2;
  if (!strcmp(argv[1], "stream")) printf("%.3f\n", stream(argv[2], atof(argv[3])));
  if (!strcmp(argv[1], "connect")) printf("%.0f\n", connects(argv[2], atof(argv[3])));
  if (!strcmp(argv[1], "echo")) echo(argv[2], atoi(argv[3]));
  return 0;
}
