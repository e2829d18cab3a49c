/* manul: the CNI plugin's program on the host (CNI spec 1.1).
 *
 * A container runtime runs it for every pod. It hands the request to manul-agent over a Unix socket
 * and prints the answer, so that no JVM starts here and nothing secret lies on the host. While the
 * agent is away, ADD fails with "try again later" and DEL is queued on the disk for it.
 *
 * To the agent: u32 big-endian N, then N bytes: "manul-cni/1\0", KEY=VALUE\0 of each variable below
 * that is set, "\0", standard input. From it: u32 big-endian N, one byte of exit status, N-1 bytes of
 * standard output.
 */
#define _GNU_SOURCE
#include "manul-cni.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef SOCKET_PATH
#define SOCKET_PATH "/var/run/manul/cni.sock"
#endif
#ifndef QUEUE_PATH
#define QUEUE_PATH "/var/lib/manul/cni/queue"
#endif

/* How long the agent may take: an ADD may wait for the datastore and for a block of addresses. */
#ifndef ADD_SECONDS
#define ADD_SECONDS 90
#endif
#ifndef OTHER_SECONDS
#define OTHER_SECONDS 30
#endif

/* Error codes of the CNI spec, section "Error". */
enum { BAD_ENVIRONMENT = 4, IO_FAILURE = 5, BAD_CONFIGURATION = 7, TRY_AGAIN = 11, NOT_AVAILABLE = 50 };

/* A name in the queue is "<container id>-<interface>.request" with a few bytes around it. */
enum { ID_LENGTH = 200, IFNAME_LENGTH = 15, HEADER = 4 };

static const char MAGIC[] = "manul-cni/1";
static const char *const VARIABLES[] = { "CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS",
					 "CNI_IFNAME",  "CNI_ARGS",	   "CNI_PATH",
					 "CNI_NETNS_OVERRIDE" };

static const char *const SUPPORTED[] = { "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0" };
enum { SUPPORTED_COUNT = sizeof SUPPORTED / sizeof *SUPPORTED };

static uint8_t request[HEADER + LIMIT];
static size_t request_size = HEADER;
static uint8_t answer[LIMIT];
static size_t answer_size;
static char cni_version[VERSION_SIZE] = "1.1.0";

/* Why the agent counts as away. */
static char away[256];

/* ---- answers of our own ---------------------------------------------------------------------- */

static void print_json_string(const char *text)
{
	putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < ' ' || *c >= 0x7f) /* may be no UTF-8 at all */
			printf("\\u%04x", *c < 0x80 ? *c : 0xfffd);
		else
			putchar(*c);
	}
	putchar('"');
}

/* Prints the spec's error object; returns the exit status. */
__attribute__((format(printf, 3, 4))) static int fail(int code, const char *message,
						     const char *format, ...)
{
	char details[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(details, sizeof details, format, arguments);
	va_end(arguments);
	printf("{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":", cni_version, code);
	print_json_string(message);
	printf(",\"details\":");
	print_json_string(details);
	printf("}\n");
	fflush(stdout);
	return 1;
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool append(const void *data, size_t size)
{
	if (size > sizeof request - request_size)
		return false;
	memcpy(request + request_size, data, size);
	request_size += size;
	return true;
}

static bool append_environment(void)
{
	if (!append(MAGIC, sizeof MAGIC))
		return false;
	for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++) {
		const char *value = getenv(VARIABLES[i]);

		if (value && !(append(VARIABLES[i], strlen(VARIABLES[i])) && append("=", 1) &&
			       append(value, strlen(value) + 1)))
			return false;
	}
	return append("", 1);
}

/* Appends standard input; false with errno: EFBIG when it is too long. */
static bool append_input(void)
{
	for (;;) {
		size_t room = sizeof request - request_size;
		char over;
		ssize_t n = room ? read(0, request + request_size, room) : read(0, &over, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (!room) {
			errno = EFBIG;
			return false;
		}
		request_size += n;
	}
}

/* Spec: alphanumeric, then alphanumeric or one of "_.-"; it becomes part of a file's name. */
static bool is_container_id(const char *id)
{
	static const char ALLOWED[] = "-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t length = strlen(id);

	return length > 0 && length <= ID_LENGTH && strspn(id, ALLOWED) == length &&
	       !strchr("-._", *id);
}

/* Spec and kernel: up to 15 bytes, not "." or "..", no '/', ':' or blank. */
static bool is_interface(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > IFNAME_LENGTH || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (*c <= ' ' || *c == 0x7f || *c == '/' || *c == ':')
			return false;
	return true;
}

/* Checks the environment as the spec asks for; 0 when it is right, else the exit status. */
static int check_environment(const char *command)
{
	static const char INVALID[] = "invalid environment variable";
	static const struct {
		const char *command;
		bool pod, netns;
	} KNOWN[] = { { "ADD", true, true },	   { "DEL", true, false },
		      { "CHECK", true, true },	   { "GC", false, false },
		      { "STATUS", false, false },  { "VERSION", false, false } };
	const char *id = getenv("CNI_CONTAINERID"), *interface = getenv("CNI_IFNAME");
	const char *netns = getenv("CNI_NETNS");
	size_t i = 0;

	while (i < sizeof KNOWN / sizeof *KNOWN && strcmp(KNOWN[i].command, command))
		i++;
	if (i == sizeof KNOWN / sizeof *KNOWN)
		return fail(BAD_ENVIRONMENT, INVALID,
			    "CNI_COMMAND is \"%.64s\": must be ADD, DEL, CHECK, GC, STATUS or VERSION",
			    command);
	if (!KNOWN[i].pod)
		return 0;
	if (!id || !is_container_id(id))
		return fail(BAD_ENVIRONMENT, INVALID,
			    "CNI_CONTAINERID %s%.64s: must be up to %d letters, digits and ._- and begin "
			    "with a letter or digit",
			    id ? "is " : "is not set", id ? id : "", ID_LENGTH);
	if (!interface || !is_interface(interface))
		return fail(BAD_ENVIRONMENT, INVALID,
			    "CNI_IFNAME %s%.64s: must be up to %d bytes without '/', ':' and blanks",
			    interface ? "is " : "is not set", interface ? interface : "",
			    IFNAME_LENGTH);
	if (KNOWN[i].netns && (!netns || !*netns))
		return fail(BAD_ENVIRONMENT, INVALID,
			    "CNI_NETNS is not set: must be the path of the pod's network namespace");
	return 0;
}

/* ---- the agent ------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static bool is_away(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(away, sizeof away, format, arguments);
	va_end(arguments);
	return false;
}

/* Waits until FD is ready for EVENTS; false when the time is up. */
static bool await(int fd, short events, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - now_ms();
		struct pollfd p = { fd, events, 0 };
		int n = left > 0 ? poll(&p, 1, left) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		return n > 0 || is_away("no answer in time");
	}
}

static bool send_request(int fd, int64_t deadline)
{
	for (size_t sent = 0; sent < request_size;) {
		ssize_t n;

		if (!await(fd, POLLOUT, deadline))
			return false;
		n = send(fd, request + sent, request_size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return true; /* it may have answered all the same */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return is_away("send: %s", strerror(errno));
		sent += n > 0 ? n : 0;
	}
	return true;
}

static bool receive(int fd, void *data, size_t size, int64_t deadline)
{
	for (size_t got = 0; got < size;) {
		ssize_t n;

		if (!await(fd, POLLIN, deadline))
			return false;
		n = recv(fd, (char *)data + got, size - got, MSG_DONTWAIT);
		if (n == 0)
			return is_away("it closed the connection without an answer");
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return is_away("receive: %s", strerror(errno));
		got += n > 0 ? n : 0;
	}
	return true;
}

/* Sends the request and receives the answer; false when the agent is away. */
static bool ask_agent(const char *path, int seconds)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int64_t deadline = now_ms() + seconds * 1000;
	struct timeval limit = { seconds, 0 };
	uint32_t size;
	int fd;

	if (strlen(path) >= sizeof address.sun_path)
		return is_away("the path has more than %zu bytes", sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return is_away("socket: %s", strerror(errno));
	/* Bounds a connect that waits in a long line of others; one to nobody fails at once. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return is_away("connect: %s", strerror(errno));
	if (!send_request(fd, deadline) || !receive(fd, &size, sizeof size, deadline))
		return false;
	answer_size = ntohl(size);
	if (answer_size == 0 || answer_size > sizeof answer)
		return is_away("an answer of %zu bytes: must be 1 to %d", answer_size, LIMIT);
	if (!receive(fd, answer, answer_size, deadline))
		return false;
	return *answer <= 1 || is_away("an answer of exit status %d: must be 0 or 1", *answer);
}

/* ---- while the agent is away ----------------------------------------------------------------- */

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* Keeps a DEL for the agent, which works through the queue when it is back. */
static int queue_deletion(void)
{
	const char *directory = setting("MANUL_CNI_QUEUE", QUEUE_PATH);
	char name[ID_LENGTH + IFNAME_LENGTH + sizeof "-.request"];

	snprintf(name, sizeof name, "%s-%s.request", getenv("CNI_CONTAINERID"), getenv("CNI_IFNAME"));
	if (!make_directories(directory, 0700) ||
	    !write_durably(directory, name, request, request_size, 0600))
		return fail(IO_FAILURE, "the deletion could not be queued",
			    "manul-agent is away (%s), and %.200s/%.200s: %s", away, directory, name,
			    strerror(errno));
	fprintf(stderr, "manul: manul-agent is away (%s): queued as %s/%s\n", away, directory, name);
	return 0;
}

static int answer_alone(const char *command, const char *path)
{
	static const char AWAY[] = "try again later: manul-agent is away";

	if (!strcmp(command, "DEL"))
		return queue_deletion();
	if (!strcmp(command, "VERSION")) {
		printf("{\"cniVersion\":\"%s\",\"supportedVersions\":[", cni_version);
		for (size_t i = 0; i < SUPPORTED_COUNT; i++)
			printf("%s\"%s\"", i ? "," : "", SUPPORTED[i]);
		printf("]}\n");
		return fflush(stdout) ? 1 : 0;
	}
	if (!strcmp(command, "STATUS"))
		return fail(NOT_AVAILABLE, "the network is not available: manul-agent is away",
			    "%.200s: %s", path, away);
	return fail(TRY_AGAIN, AWAY, "%.200s: %s", path, away);
}

static int about(void)
{
	fprintf(stderr, "CNI plugin manul " MANUL_VERSION "\nCNI protocol versions supported: ");
	for (size_t i = 0; i < SUPPORTED_COUNT; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", SUPPORTED[i]);
	fprintf(stderr, "\nContainer runtimes run it; manul --help tells what else it does.\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = getenv("CNI_COMMAND"), *path = setting("MANUL_CNI_SOCKET", SOCKET_PATH);
	uint32_t size;
	size_t input;
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1)
		return install_main(argc, argv);
	if (!command) {
		for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++)
			if (getenv(VARIABLES[i]))
				return fail(BAD_ENVIRONMENT, "invalid environment variable",
					    "CNI_COMMAND is not set, but %s is", VARIABLES[i]);
		return about();
	}
	if (!append_environment())
		return fail(BAD_ENVIRONMENT, "invalid environment variable",
			    "the CNI_ variables have more than %d bytes", LIMIT);
	input = request_size;
	if (!append_input())
		return fail(errno == EFBIG ? BAD_CONFIGURATION : IO_FAILURE,
			    "the network configuration cannot be read", "standard input: %s",
			    strerror(errno));
	/* Whether it is well-formed is the agent's to say. */
	json_read((const char *)request + input, request_size - input, cni_version);
	status = check_environment(command);
	if (status)
		return status;
	size = htonl(request_size - HEADER);
	memcpy(request, &size, sizeof size);
	if (!ask_agent(path, strcmp(command, "ADD") ? OTHER_SECONDS : ADD_SECONDS))
		return answer_alone(command, path);
	if (!write_all(1, answer + 1, answer_size - 1))
		return 1; /* the runtime did not hear it, so it must not count */
	return *answer;
}
