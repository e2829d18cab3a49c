/* routes COUNT LINK GATEWAY each|last: the yardstick of `./dev bench netlink`.
 *
 * Adds COUNT IPv4 routes, 10.0.0.0/32 and on, to a gateway through one link, with rtnetlink messages
 * in batches, and prints the seconds it took. With "each", every message is acknowledged: the kernel's
 * word for each route. With "last", only the last of a batch is, as errors are answered unasked: the
 * fewest steps a program can take.
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 2048, PROTOCOL = 77 };

struct request {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr destination_type;
	uint32_t destination;
	struct rtattr gateway_type;
	uint32_t gateway;
	struct rtattr link_type;
	uint32_t link;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Reads until message LAST has been acknowledged; any error ends the program. */
static void await(int fd, unsigned last)
{
	static char buffer[65536];

	for (;;) {
		int length = recv(fd, buffer, sizeof buffer, 0);

		if (length < 0)
			die("recv");
		for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
			struct nlmsgerr *error = NLMSG_DATA(h);

			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			if (error->error) {
				fprintf(stderr, "routes: %s\n", strerror(-error->error));
				exit(1);
			}
			if (error->msg.nlmsg_seq == last)
				return;
		}
	}
}

int main(int argc, char **argv)
{
	int count = argc == 5 ? atoi(argv[1]) : 0;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int size = 4 << 20;
	static struct request batch[BATCH];
	double start;
	int one = 1, flags;

	if (count <= 0) {
		fprintf(stderr, "usage: routes COUNT LINK GATEWAY each|last\n");
		return 2;
	}
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
	flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | (strcmp(argv[4], "each") ? 0 : NLM_F_ACK);
	for (int i = 0; i < BATCH; i++) {
		batch[i] = (struct request){
			.header = { sizeof batch[i], RTM_NEWROUTE,
				    flags, 0, 0 },
			.route = { .rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_MAIN,
				   .rtm_protocol = PROTOCOL, .rtm_scope = RT_SCOPE_UNIVERSE,
				   .rtm_type = RTN_UNICAST },
			.destination_type = { RTA_LENGTH(4), RTA_DST },
			.gateway_type = { RTA_LENGTH(4), RTA_GATEWAY },
			.gateway = inet_addr(argv[3]),
			.link_type = { RTA_LENGTH(4), RTA_OIF },
			.link = if_nametoindex(argv[2]),
		};
	}
	start = now();
	for (int sent = 0; sent < count;) {
		int n = count - sent < BATCH ? count - sent : BATCH;

		for (int i = 0; i < n; i++) {
			batch[i].destination = htonl(0x0a000000u + sent + i);
			batch[i].header.nlmsg_seq = sent + i + 1;
			batch[i].header.nlmsg_flags = i + 1 < n ? flags : flags | NLM_F_ACK;
		}
		if (send(fd, batch, n * sizeof batch[0], 0) < 0)
			die("send");
		sent += n;
		await(fd, sent);
	}
	printf("%.6f\n", now() - start);
	return 0;
}
