// Pings between network namespaces at a steady rate, all from one process and one after another: as
// little as can be of a machine that has something else to do.
//
//   pings RATE SHARE PATIENCE NAMESPACE ADDRESS [NAMESPACE ADDRESS]...
//
// sends RATE requests a second of all pairs together, in turns. A line on the standard input, which is
// the rate from then on, begins a new leg; the input's end ends the sending. Then answers are awaited for
// PATIENCE seconds at most, and printed is
//
//   leg SENT LOST MICROSECONDS SECONDS    for each leg: how long the slowest answer took, and the leg
//   lost LEG NAMESPACE ADDRESS SECONDS    a request without an answer, sent so long after the start; the
//                                         first ten
//   end
//
// When it cannot keep up, it sends less, and never many at once: a burst of requests loses packets
// that nobody else would have lost. It sends less as well where it would be at work for more than
// SHARE of the time, up to 1: it goes before all others, and those that it measures, on the same
// processor perhaps, would never come to what they have to do.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  ECHO_REPLY = 0,
  ECHO_REQUEST = 8,
  RAW_ICMP_FILTER = 1,
  OCTETS = 64,
  MOST_LINES = 10,
  MOST_LEGS = 1000
};

// Requests that are late by more than this are never sent. As long may others wait for their share:
// a kernel whose clock ticks a hundred times a second lets nobody rest for less than ten milliseconds.
static const double BEHIND = 0.02;

struct echo {
  uint8_t type, code;
  uint16_t checksum, id, sequence;
  uint32_t number, secret;
  char rest[OCTETS - 16];
};

struct pair {
  const char *namespace, *address;
  struct sockaddr_in to;
  int socket;
};

struct request {
  double sent, answered; // 0: not yet
  int leg;
};

static struct pair *pairs;
static struct pollfd *polled; // the standard input, then a socket for each namespace
static int count, sockets;
static struct request *requests;
static uint32_t numbers, room;
static uint32_t secret;
static double begun[MOST_LEGS + 1];
static double share;
static double woken;  // when this program last had something to do
static double rested; // when others will have had the processor for their share of what was done

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

static uint16_t checksum(const void *data, int octets) {
  const uint16_t *words = data;
  uint32_t sum = 0;
  for (int i = 0; i < octets / 2; i++) sum += words[i];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum;
}

static int raw_socket(const char *namespace) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  need(fd >= 0, path);
  need(setns(fd, CLONE_NEWNET) == 0, "setns");
  close(fd);
  int s = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
  need(s >= 0, "socket");
  uint32_t passed_over = ~(1u << ECHO_REPLY);
  need(setsockopt(s, SOL_RAW, RAW_ICMP_FILTER, &passed_over, sizeof passed_over) == 0, "ICMP_FILTER");
  return s;
}

static void add(const char *namespace, const char *address) {
  struct pair *pair = &pairs[count];
  *pair = (struct pair){namespace, address, {.sin_family = AF_INET}, -1};
  need(inet_pton(AF_INET, address, &pair->to.sin_addr) == 1, address);
  for (int i = 0; i < count && pair->socket < 0; i++)
    if (!strcmp(pairs[i].namespace, namespace)) pair->socket = pairs[i].socket;
  if (pair->socket < 0) {
    pair->socket = raw_socket(namespace);
    polled[1 + sockets++] = (struct pollfd){.fd = pair->socket, .events = POLLIN};
  }
  count++;
}

static void request(int leg) {
  if (numbers == room) {
    room = room ? room * 2 : 1 << 16;
    requests = realloc(requests, room * sizeof *requests);
    need(requests != NULL, "memory");
  }
  struct pair *pair = &pairs[numbers % count];
  struct echo echo = {.type = ECHO_REQUEST, .id = htons(getpid()), .sequence = htons(numbers)};
  echo.number = numbers;
  echo.secret = secret;
  echo.checksum = checksum(&echo, sizeof echo);
  requests[numbers++] = (struct request){.sent = now(), .leg = leg};
  // What cannot even be sent is lost: there is no route.
  (void)!sendto(pair->socket, &echo, sizeof echo, 0, (struct sockaddr *)&pair->to, sizeof pair->to);
}

static uint32_t hear(int socket) {
  uint32_t heard = 0;
  char packet[512];
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t octets = recvfrom(socket, packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
    if (octets < 0) return heard;
    int header = ((struct iphdr *)packet)->ihl * 4;
    struct echo echo;
    if (octets < header + (ssize_t)sizeof echo) continue;
    memcpy(&echo, packet + header, sizeof echo);
    if (echo.type != ECHO_REPLY || echo.secret != secret || echo.number >= numbers) continue;
    struct request *request = &requests[echo.number];
    struct pair *pair = &pairs[echo.number % count];
    if (pair->socket != socket || pair->to.sin_addr.s_addr != from.sin_addr.s_addr) continue;
    if (request->answered == 0) {
      request->answered = now();
      heard++;
    }
  }
}

// Waits until something is to be read, or so long; tells how many requests were answered.
static uint32_t await(double seconds) {
  if (seconds < 0) seconds = 0;
  struct timespec time = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
  uint32_t heard = 0;
  if (rested < woken) rested = woken;
  rested += (now() - woken) / share;
  int ready = ppoll(polled, 1 + sockets, &time, NULL);
  woken = now();
  if (ready <= 0) return 0;
  for (int i = 1; i <= sockets; i++)
    if (polled[i].revents) heard += hear(polled[i].fd);
  return heard;
}

// Reads lines, each a rate that a new leg begins with; 0: the input is at its end.
static int listen_for_legs(int *leg, double *period) {
  static char said[64];
  static size_t length;
  ssize_t octets = read(0, said + length, sizeof said - 1 - length);
  if (octets <= 0) return 0;
  length += octets;
  said[length] = 0;
  for (char *end; (end = strchr(said, '\n')) != NULL;) {
    double rate = atof(said);
    need(rate > 0 && *leg + 1 < MOST_LEGS, "rate");
    *period = 1 / rate;
    begun[++*leg] = now();
    length -= end + 1 - said;
    memmove(said, end + 1, length + 1);
  }
  return 1;
}

static void report(int legs) {
  int lines = 0;
  for (int leg = 0; leg <= legs; leg++) {
    long sent = 0, lost = 0;
    double slowest = 0;
    for (uint32_t i = 0; i < numbers; i++) {
      struct request *request = &requests[i];
      if (request->leg != leg) continue;
      double took = request->answered - request->sent;
      sent++;
      if (request->answered == 0) lost++;
      else if (took > slowest) slowest = took;
    }
    printf("leg %ld %ld %.0f %.3f\n", sent, lost, slowest * 1e6, begun[leg + 1] - begun[leg]);
  }
  for (uint32_t i = 0; i < numbers; i++) {
    struct pair *pair = &pairs[i % count];
    if (requests[i].answered == 0 && lines++ < MOST_LINES)
      printf("lost %d %s %s %.3f\n", requests[i].leg, pair->namespace, pair->address, requests[i].sent - begun[0]);
  }
  puts("end");
}

int main(int argc, char **argv) {
  if (argc < 6 || argc % 2 == 1) return 2;
  double period = 1 / atof(argv[1]), patience = atof(argv[3]);
  share = atof(argv[2]);
  if (share <= 0 || share > 1) return 2;
  pairs = calloc(argc / 2, sizeof *pairs);
  polled = calloc(argc / 2 + 1, sizeof *polled);
  need(pairs != NULL && polled != NULL, "memory");
  for (int i = 4; i < argc; i += 2) add(argv[i], argv[i + 1]);
  secret = getpid() ^ (uint32_t)(now() * 1e6);
  polled[0] = (struct pollfd){.fd = 0, .events = POLLIN};

  int leg = 0, sending = 1;
  uint32_t heard = 0;
  double next = now(), last = next;
  begun[0] = woken = next;
  while (sending || (heard < numbers && now() - last < patience)) {
    double moment = now();
    if (sending && moment - next > BEHIND) next = moment - BEHIND;
    if (sending && next <= moment && rested <= moment + BEHIND) {
      request(leg);
      last = moment;
      next += period;
    }
    double due = next > rested - BEHIND ? next : rested - BEHIND;
    heard += await(sending ? due - now() : patience - (now() - last));
    if (sending && polled[0].revents) {
      sending = listen_for_legs(&leg, &period);
      if (!sending) {
        begun[leg + 1] = now();
        polled[0].fd = -1;
      }
    }
  }
  report(leg);
  return 0;
}
