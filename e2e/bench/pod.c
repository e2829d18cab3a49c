/* pod: the yardstick of `./dev bench cni`: the fewest steps that wire a pod, in a program that is run
 * as a CNI plugin is.
 *
 * ADD makes a veth whose other end comes into being inside the pod's namespace, in one message; then
 * there the address, the link and the routes, and here the link and the route. The address is
 * 10.87.0.0 plus the number at the end of CNI_CONTAINERID. DEL deletes the node's end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	struct nlmsghdr header;
	char body[1024];
} message;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void *add(size_t size)
{
	void *at = (char *)&message + NLMSG_ALIGN(message.header.nlmsg_len);

	memset(at, 0, NLMSG_ALIGN(size));
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + size;
	return at;
}

static struct rtattr *attribute(int type, const void *data, size_t size)
{
	struct rtattr *a = add(RTA_LENGTH(size));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	return a;
}

static void ends(struct rtattr *nest)
{
	nest->rta_len = (char *)&message + message.header.nlmsg_len - (char *)nest;
}

static void begin(int type, int flags)
{
	message.header = (struct nlmsghdr){ NLMSG_HDRLEN, type, NLM_F_REQUEST | NLM_F_ACK | flags, 0, 0 };
}

static int netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		die("socket");
	return fd;
}

static void ask(int fd, const char *what)
{
	char answer[4096];
	struct nlmsghdr *h = (void *)answer;
	struct nlmsgerr *error = NLMSG_DATA(h);

	if (send(fd, &message, message.header.nlmsg_len, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0)
		die(what);
	if (h->nlmsg_type != NLMSG_ERROR || error->error) {
		fprintf(stderr, "pod: %s: %s\n", what, strerror(-error->error));
		exit(1);
	}
}

static void up(int fd, const char *name)
{
	struct ifinfomsg *link;

	begin(RTM_NEWLINK, 0);
	link = add(sizeof *link);
	link->ifi_flags = link->ifi_change = IFF_UP;
	attribute(IFLA_IFNAME, name, strlen(name) + 1);
	ask(fd, "up");
}

static void route(int fd, int length, uint32_t to, uint32_t via, int index)
{
	struct rtmsg *route;

	begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	route = add(sizeof *route);
	*route = (struct rtmsg){ .rtm_family = AF_INET, .rtm_dst_len = length, .rtm_table = RT_TABLE_MAIN,
				 .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST,
				 .rtm_scope = via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK };
	if (length)
		attribute(RTA_DST, &to, sizeof to);
	if (via)
		attribute(RTA_GATEWAY, &via, sizeof via);
	attribute(RTA_OIF, &index, sizeof index);
	ask(fd, "route");
}

static void make_pair(int fd, const char *here, const char *there, int netns)
{
	struct rtattr *info, *data, *peer;

	begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	add(sizeof(struct ifinfomsg));
	attribute(IFLA_IFNAME, here, strlen(here) + 1);
	info = attribute(IFLA_LINKINFO, NULL, 0);
	attribute(IFLA_INFO_KIND, "veth", 5);
	data = attribute(IFLA_INFO_DATA, NULL, 0);
	peer = attribute(VETH_INFO_PEER, NULL, 0);
	add(sizeof(struct ifinfomsg));
	attribute(IFLA_IFNAME, there, strlen(there) + 1);
	attribute(IFLA_NET_NS_FD, &netns, sizeof netns);
	ends(peer);
	ends(data);
	ends(info);
	ask(fd, "veth");
}

static void wire_pod(int netns, const char *name, uint32_t address)
{
	uint32_t gateway = htonl(0xa9fe0101); /* 169.254.1.1 */
	struct ifaddrmsg *body;
	int fd, index;

	if (setns(netns, CLONE_NEWNET) < 0)
		die("setns");
	fd = netlink();
	index = if_nametoindex(name);
	begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	body = add(sizeof *body);
	*body = (struct ifaddrmsg){ .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = index };
	attribute(IFA_LOCAL, &address, sizeof address);
	ask(fd, "address");
	up(fd, name);
	route(fd, 32, gateway, 0, index);
	route(fd, 0, 0, gateway, index);
}

int main(void)
{
	const char *command = getenv("CNI_COMMAND"), *id = getenv("CNI_CONTAINERID");
	const char *name = getenv("CNI_IFNAME"), *path = getenv("CNI_NETNS");
	char here[IFNAMSIZ];
	uint32_t address;
	int fd = netlink(), netns;

	if (!command || !id || !name || !path)
		return 2;
	address = htonl(0x0a570000u + atoi(id + strcspn(id, "0123456789")));
	snprintf(here, sizeof here, "bare%x", ntohl(address));
	if (!strcmp(command, "DEL")) {
		begin(RTM_DELLINK, 0);
		add(sizeof(struct ifinfomsg));
		attribute(IFLA_IFNAME, here, strlen(here) + 1);
		ask(fd, "delete");
		return 0;
	}
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		die(path);
	make_pair(fd, here, name, netns);
	up(fd, here);
	route(fd, 32, address, 0, if_nametoindex(here));
	wire_pod(netns, name, address);
	return 0;
}
