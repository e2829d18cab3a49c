/* plugins COMMAND PARALLEL ID FIRST COUNT NETNS PROGRAM CONFIGURATION: runs a CNI plugin as a runtime
 * does, for `./dev bench cni`.
 *
 * Runs PROGRAM for the containers ID<FIRST>, ID<FIRST + 1> ... in the namespaces NETNS0, NETNS1 ...,
 * up to PARALLEL at once, and prints for each the microseconds from before its start to after its end,
 * then those of the whole. The environment passes through, CNI_PATH for one. Small, so that its own
 * share (a vfork) is small.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64 };

struct run {
	pid_t pid;
	int number, output;
	double start;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void start(struct run *run, char **argv, int i)
{
	static char id[128], netns[256], arguments[256];
	posix_spawn_file_actions_t files;
	char *program[] = { argv[7], NULL };
	int input = open(argv[8], O_RDONLY | O_CLOEXEC);

	if (input < 0)
		die(argv[8]);
	run->number = atoi(argv[4]) + i;
	snprintf(id, sizeof id, "CNI_CONTAINERID=%s%d", argv[3], run->number);
	snprintf(netns, sizeof netns, "CNI_NETNS=%s%d", argv[6], i);
	snprintf(arguments, sizeof arguments,
		 "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=bench;K8S_POD_NAME=%s%d;"
		 "K8S_POD_INFRA_CONTAINER_ID=%s%d",
		 argv[3], run->number, argv[3], run->number);
	putenv(id);
	putenv(netns);
	putenv(arguments);
	run->output = memfd_create("output", MFD_CLOEXEC);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, 0);
	posix_spawn_file_actions_adddup2(&files, run->output, 1);
	run->start = now();
	errno = posix_spawn(&run->pid, argv[7], &files, NULL, program, environ);
	if (errno)
		die(argv[7]);
	posix_spawn_file_actions_destroy(&files);
	close(input);
}

/* Waits for one to end. */
static void end(struct run *runs, int running, const char *command)
{
	int status, i = 0;
	pid_t pid = wait(&status);
	double end = now();

	while (i < running && runs[i].pid != pid)
		i++;
	if (i == running)
		die("wait");
	if (status) {
		char text[4096];
		ssize_t n = pread(runs[i].output, text, sizeof text, 0);

		fprintf(stderr, "%s of %d: status %x: %.*s\n", command, runs[i].number, status,
			(int)(n > 0 ? n : 0), text);
		exit(1);
	}
	printf("%.0f\n", end - runs[i].start);
	close(runs[i].output);
	runs[i] = runs[running - 1];
}

int main(int argc, char **argv)
{
	static struct run runs[MOST];
	int parallel, count, running = 0;
	double begin;

	if (argc != 9) {
		fprintf(stderr, "usage: plugins COMMAND PARALLEL ID FIRST COUNT NETNS PROGRAM "
				"CONFIGURATION\n");
		return 2;
	}
	parallel = atoi(argv[2]);
	count = atoi(argv[5]);
	if (parallel < 1 || parallel > MOST)
		return 2;
	setenv("CNI_COMMAND", argv[1], 1);
	setenv("CNI_IFNAME", "eth0", 1);
	begin = now();
	for (int i = 0; i < count; i++) {
		if (running == parallel)
			end(runs, running--, argv[1]);
		start(&runs[running++], argv, i);
	}
	while (running > 0)
		end(runs, running--, argv[1]);
	printf("%.0f\n", now() - begin);
	return 0;
}
