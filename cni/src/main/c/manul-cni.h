/* What the parts of the plugin's program on the host share. */
#ifndef MANUL_CNI_H
#define MANUL_CNI_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifndef MANUL_VERSION
#define MANUL_VERSION "development"
#endif

/* Bytes of a request, of an answer and of a network configuration, each. */
enum { LIMIT = 1 << 20 };

/* Room for a CNI version. */
enum { VERSION_SIZE = 32 };

/* Whether TEXT is one JSON value and nothing more. On the way, the value of the outermost member
 * "cniVersion" goes to VERSION if it is a string of digits and dots, even when what follows it is
 * broken; else VERSION stays as it is.
 */
bool json_read(const char *text, size_t size, char version[VERSION_SIZE]);

/* Writes all of it; false: errno. */
bool write_all(int fd, const void *data, size_t size);

/* Makes a directory and those above it. */
bool make_directories(const char *path, mode_t mode);

/* Writes DIRECTORY/NAME so that, whatever happens, it is there whole or not at all. False: errno. */
bool write_durably(const char *directory, const char *name, const void *data, size_t size,
		   mode_t mode);

/* --install and --uninstall; returns the exit status. */
int install_main(int argc, char **argv);

#endif
