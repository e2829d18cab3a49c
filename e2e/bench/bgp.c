// The load of ./dev bench bgp: any number of BGP peers in one process, which send prepared bytes and
// keep a bit a prefix of what they are told. It does next to nothing for a prefix, so that what is
// measured is the speaker at the other end.
//
// Usage: bgp SPEAKER_ADDRESS SPEAKER_AS PEERS PREFIXES
// Peer i has the address 10.9.(i / 250).(1 + i % 250); prefix i is 11.0.0.0 + 64 i, of length 26.
// Commands come on standard input, one a line; each is answered by one line, "ok FIGURE" or
// "timeout FIGURE", where the figure is seconds unless it is said otherwise.
//   connect A B AS               dial from peers A to B - 1, until all are Established
//   as A B AS                    say what AS peers A to B - 1 are in, for a load before they dial
//   load KIND A B N FIRST        prepare N prefixes a peer; KIND is announce, own or withdraw
//   go R S WANT                  send what is loaded, until peers R to S - 1 know WANT prefixes each
//   dial A B AS R S WANT         connect and go in one: each sends as soon as it is Established
//   lose A B R S WANT            end sessions by a Cease, until R to S - 1 know WANT prefixes each
//   single A R FIRST N           microseconds, median and 99th of 100, from announcing or
//                                withdrawing one prefix at A to hearing of it at R
//   serve MILLIS                 let that time pass
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IDLE, DIALLING, OPEN_SENT, OPEN_CONFIRM, ESTABLISHED };
enum { INPUT = 1 << 18, MESSAGE = 4096, HEADER = 19, HOLD_SECONDS = 240, KEEPALIVE_SECONDS = 60 };
static const double PATIENCE = 90;
static const double DIAL_AGAIN = 0.02;
static const uint32_t FIRST_ADDRESS = 11u << 24;

struct peer {
  int fd, state;
  uint32_t as;
  double dial_at;                    // when to try again
  uint8_t *in;                       // what has come and is no whole message yet
  int in_length;
  uint8_t *out;                      // what is being sent
  size_t out_length, out_at;
  uint8_t *loaded;                   // what is to be sent
  size_t loaded_length, loaded_room;
  uint64_t *known;
  int count;
};

static struct peer *peers;
static int peer_count, prefix_count, poller, established;
static uint32_t speaker_as;
static struct sockaddr_in speaker;
static int send_when_up;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint8_t *put(uint8_t *at, uint32_t value, int octets) {
  while (octets-- > 0) *at++ = value >> (8 * octets);
  return at;
}

static uint8_t *header(uint8_t *at, int type) {
  memset(at, 0xff, 16);
  at[18] = type;
  return at + HEADER;
}

static void finish(uint8_t *message, uint8_t *end) { put(message + 16, end - message, 2); }

static uint32_t address_of(int peer) { return 10u << 24 | 9 << 16 | (peer / 250) << 8 | (1 + peer % 250); }

static void watch(struct peer *p, int write) {
  struct epoll_event event = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.u32 = p - peers};
  epoll_ctl(poller, EPOLL_CTL_MOD, p->fd, &event);
}

static void drop(struct peer *p) {
  if (p->fd >= 0) close(p->fd);
  if (p->state == ESTABLISHED) established--;
  p->fd = -1;
  p->state = IDLE;
  p->in_length = 0;
  p->out_length = p->out_at = 0;
  p->dial_at = now() + DIAL_AGAIN;
  if (p->known) memset(p->known, 0, (prefix_count + 63) / 64 * 8);
  p->count = 0;
}

static void push(struct peer *p) {
  while (p->out_at < p->out_length) {
    ssize_t n = send(p->fd, p->out + p->out_at, p->out_length - p->out_at, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) {
        watch(p, 1);
        return;
      }
      drop(p);
      return;
    }
    p->out_at += n;
  }
  p->out_at = p->out_length = 0;
  watch(p, 0);
}

static void queue(struct peer *p, const uint8_t *bytes, size_t length) {
  p->out = realloc(p->out, p->out_length + length + 1);
  memcpy(p->out + p->out_length, bytes, length);
  p->out_length += length;
}

static void keepalive(struct peer *p) {
  uint8_t message[HEADER];
  finish(message, header(message, 4));
  queue(p, message, HEADER);
}

static void dial(struct peer *p) {
  int one = 1;
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address_of(p - peers))};
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (p->fd < 0) fail("socket");
  setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(p->fd, (struct sockaddr *)&own, sizeof own) < 0) fail("bind");
  p->state = DIALLING;
  if (connect(p->fd, (struct sockaddr *)&speaker, sizeof speaker) < 0 && errno != EINPROGRESS) {
    drop(p);
    return;
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = p - peers};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, p->fd, &event) < 0) fail("epoll_ctl");
}

static void say_open(struct peer *p) {
  uint8_t message[64], *at = header(message, 1);
  at = put(at, 4, 1);
  at = put(at, p->as > 0xffff ? 23456 : p->as, 2);
  at = put(at, HOLD_SECONDS, 2);
  at = put(at, address_of(p - peers), 4);
  at = put(at, 16, 1);
  at = put(at, 2 << 8 | 14, 2);              // one parameter: capabilities
  at = put(at, 1 << 8 | 4, 2);               // multiprotocol, IPv4 unicast
  at = put(at, 1 << 16 | 1, 4);
  at = put(at, 2 << 8, 2);                   // route refresh
  at = put(at, 65 << 8 | 4, 2);              // 4-octet AS numbers
  at = put(at, p->as, 4);
  finish(message, at);
  p->state = OPEN_SENT;
  queue(p, message, at - message);
  push(p);
}

static void note(struct peer *p, const uint8_t *at, const uint8_t *end, int announced) {
  while (at < end) {
    int length = *at++;
    uint32_t address = 0;
    for (int i = 0; i < (length + 7) / 8; i++) address |= (uint32_t)*at++ << (24 - 8 * i);
    uint32_t i = (address - FIRST_ADDRESS) >> 6;
    if (length != 26 || i >= (uint32_t)prefix_count) continue;
    uint64_t bit = 1ull << (i & 63), was = p->known[i >> 6] & bit;
    if (announced && !was) p->count++, p->known[i >> 6] |= bit;
    if (!announced && was) p->count--, p->known[i >> 6] &= ~bit;
  }
}

static void message(struct peer *p, const uint8_t *m, int length) {
  switch (m[18]) {
    case 1:
      p->state = OPEN_CONFIRM;
      keepalive(p);
      push(p);
      break;
    case 2: {
      const uint8_t *body = m + HEADER, *end = m + length;
      int withdrawn = body[0] << 8 | body[1];
      note(p, body + 2, body + 2 + withdrawn, 0);
      body += 2 + withdrawn;
      note(p, body + 2 + (body[0] << 8 | body[1]), end, 1);
      break;
    }
    case 3:
      fprintf(stderr, "peer %d: notification %d/%d\n", (int)(p - peers), m[19], m[20]);
      break;
    case 4:
      if (p->state == OPEN_CONFIRM) {
        p->state = ESTABLISHED;
        established++;
        if (send_when_up && p->loaded_length > 0) {
          queue(p, p->loaded, p->loaded_length);
          p->loaded_length = 0;
          push(p);
        }
      }
      break;
  }
}

static void pull(struct peer *p) {
  static uint8_t buffer[INPUT];
  memcpy(buffer, p->in, p->in_length);
  ssize_t n = recv(p->fd, buffer + p->in_length, sizeof buffer - p->in_length, 0);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return;
    drop(p);
    return;
  }
  int have = p->in_length + n, at = 0;
  while (have - at >= HEADER) {
    int length = buffer[at + 16] << 8 | buffer[at + 17];
    if (length > have - at) break;
    message(p, buffer + at, length);
    if (p->fd < 0) return;
    at += length;
  }
  p->in_length = have - at;
  memcpy(p->in, buffer + at, p->in_length);
}

static void step(int millis) {
  struct epoll_event events[256];
  int n = epoll_wait(poller, events, 256, millis);
  for (int i = 0; i < n; i++) {
    struct peer *p = &peers[events[i].data.u32];
    if (p->fd < 0) continue;
    if (p->state == DIALLING) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error || events[i].events & (EPOLLERR | EPOLLHUP)) drop(p);
      else say_open(p);
      continue;
    }
    if (events[i].events & EPOLLOUT) push(p);
    if (p->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pull(p);
  }
  static double spoken;
  if (now() - spoken > KEEPALIVE_SECONDS) {
    spoken = now();
    for (int i = 0; i < peer_count; i++)
      if (peers[i].state == ESTABLISHED) keepalive(&peers[i]), push(&peers[i]);
  }
}

static int all_know(int r, int s, int want) {
  for (int i = r; i < s; i++)
    if (peers[i].count != want) return 0;
  return 1;
}

static int all_up(int a, int b) {
  for (int i = a; i < b; i++)
    if (peers[i].state != ESTABLISHED) return 0;
  return 1;
}

// BIRD lets 8 connections wait to be accepted; what the kernel drops beyond that costs seconds.
static void dial_idle(int a, int b, uint32_t as) {
  int waiting = 0;
  for (int i = a; i < b; i++) waiting += peers[i].state == DIALLING || peers[i].state == OPEN_SENT;
  for (int i = a; i < b && waiting < 8; i++) {
    if (peers[i].state == IDLE && peers[i].dial_at <= now()) {
      peers[i].as = as;
      dial(&peers[i]);
      waiting++;
    }
  }
}

static void answer(int good, double figure) {
  printf("%s %.6f\n", good ? "ok" : "timeout", figure);
  fflush(stdout);
}

static uint8_t *attributes(uint8_t *at, struct peer *p, int own) {
  int internal = p->as == speaker_as;
  at = put(at, 0x40010100, 4);                               // ORIGIN
  int numbers = (internal ? 0 : 1) + 3;
  at = put(at, 0x4002, 2);                                   // AS_PATH
  at = put(at, 2 + 4 * numbers, 1);
  at = put(at, 2 << 8 | numbers, 2);
  if (!internal) at = put(at, p->as, 4);
  at = put(at, 64900, 4);
  at = put(at, own < 0 ? 64901 : 100000 + own, 4);
  at = put(at, 64902, 4);
  at = put(at, 0x400304, 3);                                 // NEXT_HOP
  at = put(at, address_of(p - peers), 4);
  if (own >= 0) at = put(put(at, 0x800404, 3), own, 4);      // MULTI_EXIT_DISC
  if (internal) at = put(put(at, 0x400504, 3), 100, 4);      // LOCAL_PREF
  if (own >= 0) at = put(put(at, 0xc00804, 3), own, 4);      // COMMUNITIES
  return at;
}

static uint8_t *room(struct peer *p) {
  if (p->loaded_room - p->loaded_length < MESSAGE) {
    p->loaded_room = p->loaded_room * 2 + 4 * MESSAGE;
    p->loaded = realloc(p->loaded, p->loaded_room);
  }
  return p->loaded + p->loaded_length;
}

static void load(const char *kind, struct peer *p, int n, int first) {
  int withdraw = *kind == 'w', own = *kind == 'o';
  for (int i = 0; i < n;) {
    uint8_t *start = room(p), *at = header(start, 2), *length;
    at = put(at, 0, 2);
    if (!withdraw) {
      length = at;
      at = attributes(at + 2, p, own ? first + i : -1);
      put(length, at - length - 2, 2);
    }
    length = at;
    uint8_t *limit = start + MESSAGE - 5 - (withdraw ? 2 : 0);
    do {
      *at++ = 26;
      at = put(at, FIRST_ADDRESS + 64 * (first + i++), 4);
    } while (!own && i < n && at <= limit);
    if (withdraw) {
      put(start + HEADER, at - length, 2);
      at = put(at, 0, 2);
    }
    finish(start, at);
    p->loaded_length += at - start;
  }
}

static void send_loaded(void) {
  for (int i = 0; i < peer_count; i++) {
    struct peer *p = &peers[i];
    if (p->loaded_length == 0) continue;
    if (p->out_length == 0) {                       // swap, so that nothing is copied
      uint8_t *spare = p->out;
      p->out = p->loaded;
      p->out_length = p->loaded_length;
      p->loaded = spare;
      p->loaded_room = 0;
      p->loaded = realloc(p->loaded, 1);
    } else {
      queue(p, p->loaded, p->loaded_length);
    }
    p->loaded_length = 0;
    push(p);
  }
}

static int by_value(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return d < 0 ? -1 : d > 0;
}

static void single(int a, int r, int first, int n) {
  double *micros = malloc(n * sizeof *micros);
  int before = peers[r].count;
  for (int i = 0; i < n; i++) {
    load(i % 2 ? "withdraw" : "announce", &peers[a], 1, first);
    double pause = now() + 0.02;
    while (now() < pause) step(1);
    double start = now();
    send_loaded();
    while (peers[r].count != before + (i % 2 ? 0 : 1) && now() - start < 10) step(10);
    micros[i] = (now() - start) * 1e6;
  }
  qsort(micros, n, sizeof *micros, by_value);
  printf("ok %.1f %.1f\n", micros[n / 2], micros[n * 99 / 100]);
  fflush(stdout);
  free(micros);
}

static void command(const char *line) {
  char kind[16];
  int a, b, c, d, e;
  unsigned as;
  double start = now();
  int good = 0;
  if (sscanf(line, "connect %d %d %u", &a, &b, &as) == 3) {
    while (!(good = all_up(a, b)) && now() - start < PATIENCE) {
      dial_idle(a, b, as);
      step(10);
    }
    answer(good, now() - start);
  } else if (sscanf(line, "as %d %d %u", &a, &b, &as) == 3) {
    for (int i = a; i < b; i++) peers[i].as = as;
    answer(1, 0);
  } else if (sscanf(line, "load %15s %d %d %d %d", kind, &a, &b, &c, &d) == 5) {
    for (int i = a; i < b; i++) load(kind, &peers[i], c, d + (i - a) * c);
    answer(1, 0);
  } else if (sscanf(line, "go %d %d %d", &a, &b, &c) == 3) {
    send_loaded();
    while (!(good = all_know(a, b, c)) && now() - start < PATIENCE) step(100);
    answer(good, now() - start);
  } else if (sscanf(line, "dial %d %d %u %d %d %d", &a, &b, &as, &c, &d, &e) == 6) {
    send_when_up = 1;
    while (!(good = all_know(c, d, e) && all_up(a, b)) && now() - start < PATIENCE) {
      dial_idle(a, b, as);
      step(10);
    }
    send_when_up = 0;
    answer(good, now() - start);
  } else if (sscanf(line, "lose %d %d %d %d %d", &a, &b, &c, &d, &e) == 5) {
    for (int i = a; i < b; i++) {
      uint8_t cease[21];
      header(cease, 3);
      put(cease + HEADER, 6 << 8 | 4, 2);
      finish(cease, cease + 21);
      queue(&peers[i], cease, 21);
      push(&peers[i]);
      drop(&peers[i]);
    }
    while (!(good = all_know(c, d, e)) && now() - start < PATIENCE) step(100);
    answer(good, now() - start);
  } else if (sscanf(line, "single %d %d %d %d", &a, &b, &c, &d) == 4) {
    single(a, b, c, d);
  } else if (sscanf(line, "serve %d", &a) == 1) {
    while (now() - start < a / 1e3) step(10);
    answer(1, now() - start);
  } else {
    fprintf(stderr, "bgp: not a command: %s\n", line);
    exit(2);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: bgp SPEAKER_ADDRESS SPEAKER_AS PEERS PREFIXES\n");
    return 2;
  }
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  speaker.sin_family = AF_INET;
  speaker.sin_port = htons(179);
  inet_pton(AF_INET, argv[1], &speaker.sin_addr);
  speaker_as = strtoul(argv[2], NULL, 10);
  peer_count = atoi(argv[3]);
  prefix_count = atoi(argv[4]);
  poller = epoll_create1(EPOLL_CLOEXEC);
  peers = calloc(peer_count, sizeof *peers);
  for (int i = 0; i < peer_count; i++) {
    peers[i].fd = -1;
    peers[i].in = malloc(MESSAGE + HEADER);
    peers[i].known = calloc((prefix_count + 63) / 64, 8);
  }
  // Commands are read beside the sessions, which go on while none comes.
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 0};
  int both = epoll_create1(EPOLL_CLOEXEC);
  epoll_ctl(both, EPOLL_CTL_ADD, 0, &event);
  event.data.u32 = 1;
  epoll_ctl(both, EPOLL_CTL_ADD, poller, &event);
  for (;;) {
    struct epoll_event ready[2];
    int n = epoll_wait(both, ready, 2, 1000);
    int asked = 0;
    for (int i = 0; i < n; i++) asked |= ready[i].data.u32 == 0;
    if (asked) {
      static char line[256];
      size_t length = 0;
      while (length < sizeof line - 1) {
        if (read(0, line + length, 1) != 1) return 0;
        if (line[length] == '\n') break;
        length++;
      }
      line[length] = 0;
      command(line);
    } else {
      step(0);
    }
  }
}
