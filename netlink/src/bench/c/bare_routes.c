/*
 * The least that installs routes with acknowledgements: what the driver in Java is measured against.
 *
 *   bare_routes COUNT LINK_INDEX GATEWAY each|last
 *
 * Adds COUNT host routes from 11.0.0.0 on through GATEWAY, in sends of 128 KiB, in the network
 * namespace it is started in; "each" asks for an acknowledgement of every message, "last" only for
 * that of the last one of a send (the kernel answers errors unasked). Prints the milliseconds that
 * building, sending and reading the answers took.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEND_BYTES (128 * 1024)
#define SEND_MESSAGES 2048

struct message {
  struct nlmsghdr header;
  struct rtmsg route;
  struct rtattr dst_header;
  uint32_t dst;
  struct rtattr oif_header;
  uint32_t oif;
  struct rtattr gateway_header;
  uint32_t gateway;
};

static char out[SEND_BYTES];
static char in[64 * 1024];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void option(int fd, int level, int name, int value, const char *what) {
  if (setsockopt(fd, level, name, &value, sizeof value) < 0) fail(what);
}

/* Reads answers until the one to the message of number `last`. */
static void answers(int fd, uint32_t last) {
  for (;;) {
    ssize_t length = recv(fd, in, sizeof in, 0);
    if (length < 0) fail("recv");
    struct nlmsghdr *h = (struct nlmsghdr *)in;
    for (; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      struct nlmsgerr *e = NLMSG_DATA(h);
      if (h->nlmsg_type != NLMSG_ERROR) continue;
      if (e->error) {
        fprintf(stderr, "message %u: %s\n", h->nlmsg_seq, strerror(-e->error));
        exit(1);
      }
      if (h->nlmsg_seq == last) return;
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: bare_routes COUNT LINK_INDEX GATEWAY each|last\n");
    return 2;
  }
  uint32_t count = strtoul(argv[1], NULL, 10);
  uint32_t link = strtoul(argv[2], NULL, 10);
  uint32_t gateway = inet_addr(argv[3]);
  int each = strcmp(argv[4], "each") == 0;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (fd < 0 || bind(fd, (struct sockaddr *)&kernel, sizeof kernel) < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&kernel, sizeof kernel) < 0) fail("connect");
  option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20, "SO_RCVBUFFORCE");
  option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1, "NETLINK_CAP_ACK");
  option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1, "NETLINK_EXT_ACK");

  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  uint32_t sequence = 0;
  for (uint32_t next = 0; next < count;) {
    size_t length = 0;
    struct message *m = NULL;
    for (int i = 0; i < SEND_MESSAGES && next < count; i++) {
      if (length + sizeof *m > sizeof out) break;
      m = (struct message *)(out + length);
      *m = (struct message){
          .header = {sizeof *m, RTM_NEWROUTE,
                     NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | (each ? NLM_F_ACK : 0), ++sequence, 0},
          .route = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN,
                    .rtm_protocol = 77, .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST},
          .dst_header = {8, RTA_DST}, .dst = htonl(0x0b000000u + next),
          .oif_header = {8, RTA_OIF}, .oif = link,
          .gateway_header = {8, RTA_GATEWAY}, .gateway = gateway};
      length += sizeof *m;
      next++;
    }
    m->header.nlmsg_flags |= NLM_F_ACK;
    if (send(fd, out, length, 0) != (ssize_t)length) fail("send");
    answers(fd, sequence);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.3f\n", (end.tv_sec - begin.tv_sec) * 1e3 + (end.tv_nsec - begin.tv_nsec) / 1e6);
  close(fd);
  return 0;
}
