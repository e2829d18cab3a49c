/* manul --install and --uninstall: puts the plugin on a node, or takes it away, as an init container
 * of an image without a shell.
 *
 * A file appears whole or not at all, under its final name, so that a runtime never runs or reads
 * half of it, and a program that is running is replaced rather than written into.
 */
#define _GNU_SOURCE
#include "manul-cni.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char PROGRAM[] = "manul";

/* Other plugins that the image may carry beside this program. */
static const char *const COMPANIONS[] = { "portmap", "bandwidth", "loopback" };
enum { COMPANION_COUNT = sizeof COMPANIONS / sizeof *COMPANIONS };

/* Which companions in the directory of plugins are ours, one a line: only these are replaced and
 * removed. */
static const char OURS[] = ".manul-plugins";

struct options {
	bool uninstall, from_environment;
	const char *bin, *conf, *name;
};

/* ---- files ----------------------------------------------------------------------------------- */

bool make_directories(const char *path, mode_t mode)
{
	char partial[PATH_MAX];
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof partial) {
		errno = length ? ENAMETOOLONG : ENOENT;
		return false;
	}
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(partial, path, i);
		partial[i] = 0;
		if (mkdir(partial, mode) < 0 && errno != EEXIST)
			return false;
	}
	return true;
}

bool write_all(int fd, const void *data, size_t size)
{
	for (const char *at = data; size > 0;) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		size -= n;
	}
	return true;
}

bool write_durably(const char *directory, const char *name, const void *data, size_t size,
		   mode_t mode)
{
	char next[NAME_MAX + 1];
	int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1, error;
	bool done = false;

	if (at < 0)
		return false;
	/* Hidden and without the name's ending, so that whoever reads the directory passes it over; of
	 * this process, as two may be asked to write the same name. */
	snprintf(next, sizeof next, ".%d.%.230s~", (int)getpid(), name);
	fd = openat(at, next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	done = fd >= 0 && fchmod(fd, mode) == 0 && write_all(fd, data, size) && fsync(fd) == 0 &&
	       renameat(at, next, at, name) == 0 && fsync(at) == 0;
	error = errno;
	if (!done && fd >= 0)
		unlinkat(at, next, 0);
	if (fd >= 0)
		close(fd);
	close(at);
	errno = error;
	return done;
}

/* A file in memory; data is NULL, with errno, when it cannot be read. Never given back. */
struct content {
	const char *data;
	size_t size;
};

static struct content read_file(const char *directory, const char *name)
{
	struct content none = { NULL, 0 };
	char path[PATH_MAX];
	struct stat stat;
	void *data = NULL;
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return none;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return none;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		data = stat.st_size ? mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : "";
	close(fd);
	return data && data != MAP_FAILED ? (struct content){ data, stat.st_size } : none;
}

static bool exists(const char *directory, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path &&
	       access(path, F_OK) == 0;
}

static int complain(const char *what, const char *directory, const char *name)
{
	fprintf(stderr, "manul: %s %s/%s: %s\n", what, directory, name, strerror(errno));
	return 1;
}

/* Writes a file unless it is there already, the same byte for byte. */
static int put(const char *directory, const char *name, struct content content, mode_t mode)
{
	struct content old = read_file(directory, name);

	if (old.data && old.size == content.size && !memcmp(old.data, content.data, old.size)) {
		printf("manul: %s/%s is up to date\n", directory, name);
		return 0;
	}
	if (!write_durably(directory, name, content.data, content.size, mode))
		return complain("write", directory, name);
	printf("manul: installed %s/%s\n", directory, name);
	return 0;
}

static int take_away(const char *directory, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return 1;
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : complain("remove", directory, name);
	printf("manul: removed %s/%s\n", directory, name);
	return 0;
}

/* ---- programs -------------------------------------------------------------------------------- */

/* Whether a companion is in the list of those that are ours. */
static bool is_ours(struct content list, const char *name)
{
	size_t length = strlen(name);
	const char *at = list.data, *end = list.data + list.size;

	while (at && at < end) {
		const char *line = memchr(at, '\n', end - at);
		size_t size = (line ? line : end) - at;

		if (size == length && !memcmp(at, name, length))
			return true;
		at = line ? line + 1 : end;
	}
	return false;
}

static int install_programs(const struct options *options)
{
	char self[PATH_MAX], ours[256] = "";
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	struct content list = read_file(options->bin, OURS), program;

	if (length < 0)
		return complain("read", "/proc/self", "exe");
	self[length] = 0;
	program = read_file("/proc/self", "exe");
	if (!program.data)
		return complain("read", "/proc/self", "exe");
	if (put(options->bin, PROGRAM, program, 0755))
		return 1;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < COMPANION_COUNT; i++) {
		struct content companion = read_file(self, COMPANIONS[i]);

		if (!companion.data)
			continue;
		if (exists(options->bin, COMPANIONS[i]) && !is_ours(list, COMPANIONS[i])) {
			printf("manul: %s/%s is the node's own, and stays\n", options->bin,
			       COMPANIONS[i]);
			continue;
		}
		strcat(strcat(ours, COMPANIONS[i]), "\n");
	}
	/* First the list, so that none is ever there unlisted. */
	if (*ours && put(options->bin, OURS, (struct content){ ours, strlen(ours) }, 0644))
		return 1;
	list = (struct content){ ours, strlen(ours) };
	for (size_t i = 0; i < COMPANION_COUNT; i++)
		if (is_ours(list, COMPANIONS[i]) &&
		    put(options->bin, COMPANIONS[i], read_file(self, COMPANIONS[i]), 0755))
			return 1;
	return 0;
}

/* ---- the network configuration --------------------------------------------------------------- */

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* What stands for __KUBERNETES_NODE_NAME__; NULL when it cannot be a node's name. */
static const char *node_name(void)
{
	static char host[HOST_NAME_MAX + 1];
	const char *name;

	gethostname(host, sizeof host - 1);
	for (char *c = host; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	name = from_environment("KUBERNETES_NODE_NAME", from_environment("NODENAME", host));
	if (*name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name))
		return name;
	fprintf(stderr, "manul: KUBERNETES_NODE_NAME \"%s\": must be lower case letters, digits, - and .\n",
		name);
	return NULL;
}

/* What stands for __CNI_MTU__; 0 lets the agent choose. NULL when it is no MTU. */
static const char *mtu(void)
{
	const char *value = from_environment("CNI_MTU", "0");

	if (strlen(value) <= 5 && strspn(value, "0123456789") == strlen(value) &&
	    (value[0] != '0' || !value[1]))
		return value;
	fprintf(stderr, "manul: CNI_MTU \"%s\": must be a number of bytes, or 0 for automatic\n", value);
	return NULL;
}

/* TEXT with WORD replaced by VALUE everywhere, in memory of its own. */
static char *substitute(const char *text, const char *word, const char *value)
{
	size_t longest = strlen(text) + 1;
	const char *found;
	char *result, *at;

	for (found = text; (found = strstr(found, word)); found++)
		longest += strlen(value);
	result = at = malloc(longest);
	if (!result)
		abort();
	while ((found = strstr(text, word))) {
		at = mempcpy(at, text, found - text);
		at = stpcpy(at, value);
		text = found + strlen(word);
	}
	strcpy(at, text);
	return result;
}

/* A chain of this plugin and of those others that the node has. */
static const char *built_in(const struct options *options)
{
	static char text[1024];

	snprintf(text, sizeof text,
		 "{\n"
		 "  \"name\": \"k8s-pod-network\",\n"
		 "  \"cniVersion\": \"1.0.0\",\n"
		 "  \"plugins\": [\n"
		 "    {\"type\": \"manul\", \"nodename\": \"__KUBERNETES_NODE_NAME__\", "
		 "\"mtu\": __CNI_MTU__, \"ipam\": {\"type\": \"manul-ipam\"}}%s%s\n"
		 "  ]\n"
		 "}\n",
		 exists(options->bin, "portmap") ? ",\n    {\"type\": \"portmap\", \"snat\": true, "
						   "\"capabilities\": {\"portMappings\": true}}" :
						   "",
		 exists(options->bin, "bandwidth") ? ",\n    {\"type\": \"bandwidth\", "
						     "\"capabilities\": {\"bandwidth\": true}}" :
						     "");
	return text;
}

static bool is_file_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= 200;
}

static int install_configuration(const struct options *options)
{
	const char *text = getenv("CNI_NETWORK_CONFIG"), *old = getenv("CNI_OLD_CONF_NAME");
	const char *node = node_name(), *bytes = mtu();
	char version[VERSION_SIZE] = "";
	struct content content;

	if (!node || !bytes)
		return 1;
	if (!options->from_environment)
		text = built_in(options);
	if (!text || !*text) {
		fprintf(stderr, "manul: CNI_NETWORK_CONFIG is not set: must be a network configuration\n");
		return 1;
	}
	text = substitute(substitute(text, "__CNI_MTU__", bytes), "__KUBERNETES_NODE_NAME__", node);
	content = (struct content){ text, strlen(text) };
	if (content.size > LIMIT || !json_read(text, content.size, version) || !*version) {
		fprintf(stderr, "manul: CNI_NETWORK_CONFIG: must be JSON of at most %d bytes with a "
				"cniVersion\n", LIMIT);
		return 1;
	}
	if (put(options->conf, options->name, content, 0600))
		return 1;
	if (!old || !*old || !strcmp(old, options->name))
		return 0;
	if (is_file_name(old))
		return take_away(options->conf, old);
	fprintf(stderr, "manul: CNI_OLD_CONF_NAME \"%s\": must be a file's name\n", old);
	return 1;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static int install(const struct options *options)
{
	if (!make_directories(options->bin, 0755))
		return complain("make", options->bin, "");
	if (!make_directories(options->conf, 0755))
		return complain("make", options->conf, "");
	/* The configuration last: with it the runtime begins to run what it names. */
	return install_programs(options) || install_configuration(options);
}

/* The configuration first, so that nothing names a program that is gone. */
static int uninstall(const struct options *options)
{
	struct content list = read_file(options->bin, OURS);
	struct content configuration = read_file(options->conf, options->name);
	int failed = 0;

	if (configuration.data && !memmem(configuration.data, configuration.size, "\"manul\"", 7))
		printf("manul: %s/%s is not of ours, and stays\n", options->conf, options->name);
	else
		failed |= take_away(options->conf, options->name);
	for (size_t i = 0; i < COMPANION_COUNT; i++)
		if (is_ours(list, COMPANIONS[i]))
			failed |= take_away(options->bin, COMPANIONS[i]);
	failed |= take_away(options->bin, OURS);
	return failed | take_away(options->bin, PROGRAM);
}

static int usage(FILE *out)
{
	fprintf(out,
		"manul " MANUL_VERSION ", the CNI plugin's program on the host\n\n"
		"  manul                   as a container runtime runs it, with CNI_COMMAND set\n"
		"  manul --install [--bin-dir DIR] [--conf-dir DIR] [--conf-name NAME]\n"
		"      [--network-config-from-env]\n"
		"                          puts itself and the plugins beside it into DIR\n"
		"                          (/opt/cni/bin), then a network configuration into DIR\n"
		"                          (/etc/cni/net.d) as NAME (10-manul.conflist): the built-in\n"
		"                          one, or CNI_NETWORK_CONFIG, in which __CNI_MTU__ and\n"
		"                          __KUBERNETES_NODE_NAME__ are replaced by CNI_MTU (0) and\n"
		"                          KUBERNETES_NODE_NAME (NODENAME, the host's name). Removes\n"
		"                          CNI_OLD_CONF_NAME.\n"
		"  manul --uninstall [--bin-dir DIR] [--conf-dir DIR] [--conf-name NAME]\n"
		"                          takes away what --install put there\n"
		"  manul --version | --help\n");
	return out == stderr ? 2 : 0;
}

int install_main(int argc, char **argv)
{
	struct options options = { false, false, "/opt/cni/bin", "/etc/cni/net.d", "10-manul.conflist" };
	bool install_given = !strcmp(argv[1], "--install");

	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-v")) {
		printf("manul " MANUL_VERSION "\n");
		return 0;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout);
	options.uninstall = !strcmp(argv[1], "--uninstall");
	for (int i = 2; i < argc && (install_given || options.uninstall); i++) {
		const char **value = !strcmp(argv[i], "--bin-dir")   ? &options.bin :
				     !strcmp(argv[i], "--conf-dir")  ? &options.conf :
				     !strcmp(argv[i], "--conf-name") ? &options.name :
								       NULL;

		if (install_given && !strcmp(argv[i], "--network-config-from-env"))
			options.from_environment = true;
		else if (value && i + 1 < argc)
			*value = argv[++i];
		else
			install_given = options.uninstall = false;
	}
	if (!install_given && !options.uninstall)
		return usage(stderr);
	if (!is_file_name(options.name)) {
		fprintf(stderr, "manul: --conf-name \"%s\": must be a file's name\n", options.name);
		return 2;
	}
	return options.uninstall ? uninstall(&options) : install(&options);
}
