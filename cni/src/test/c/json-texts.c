/* Reads texts that end in NUL from standard input and prints for each whether it is JSON, and its
 * outermost cniVersion, or -. */
#include "manul-cni.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	static char text[1 << 16];
	size_t size = 0;

	for (int c; (c = getchar()) != EOF;) {
		char version[VERSION_SIZE] = "-";
		char *exact;
		bool valid;

		if (c) {
			if (size == sizeof text)
				return 1;
			text[size++] = c;
			continue;
		}
		/* In memory of just its size, so that the sanitizer sees a step beyond the end. */
		exact = malloc(size + !size);
		memcpy(exact, text, size);
		valid = json_read(exact, size, version);
		free(exact);
		printf("%s %s\n", valid ? "true" : "false", version);
		size = 0;
	}
	return 0;
}
