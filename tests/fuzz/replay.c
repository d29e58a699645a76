/* SPDX-License-Identifier: ISC */
/*
 * replay.c: a fuzz target without a fuzzer: every file of the folders given is
 * one input, and every row of a .cases file. Linked with each tests/fuzz/fuzz_X.c, so that what was once found
 * stays tested by `make test`, with any compiler. Ends in `N passed, 0 failed`;
 * a failure is a crash, and the last file shown is the one.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
input(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1); /* of its own size: the sanitizers see its end */

	if (copy == NULL)
		exit(1);
	for (size_t i = 0; i < n; i++)
		copy[i] = bytes[i];
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void
one(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	fprintf(stderr, "%s\n", path);
	input(bytes, n);
}

/* The texts of tests/shell/oracle.cases, as fuzz_actions takes them: behind the number
 * of the shell. */
static unsigned long
rows(const char *path)
{
	static const char *const shells[] = { "bash", "zsh", "sh" };
	static char line[1 << 16];
	FILE *f = fopen(path, "r");
	unsigned long n = 0;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof line, f) != NULL) {
		char *shell = line + (line[0] == '?'), *text = strchr(shell, ' '), *to;

		for (uint8_t i = 0; text != NULL && i < 3; i++)
			if (strlen(shells[i]) == (size_t)(text - shell) && strncmp(shells[i], shell, strlen(shells[i])) == 0) {
				fprintf(stderr, "%s", line);
				to = text;
				*to++ = (char)i;
				for (const char *from = to; *from != '\0' && *from != '\n'; from++)
					if (from[0] == '\\' && from[1] == 'n' && from[2] != '\'') {
						*to++ = '\n';
						from++;
					} else
						*to++ = *from;
				input((const uint8_t *)text, (size_t)(to - text));
				n++;
				break;
			}
	}
	fclose(f);
	return n;
}

int
main(int argc, char **argv)
{
	unsigned long n = 0;
	char path[4200];

	for (int i = 1; i < argc; i++) {
		const char *end = strrchr(argv[i], '.');
		struct dirent *e;
		DIR *d;

		if (end != NULL && strcmp(end, ".cases") == 0) {
			n += rows(argv[i]);
			continue;
		}
		d = opendir(argv[i]);

		if (d == NULL) {
			perror(argv[i]);
			return 1;
		}
		while ((e = readdir(d)) != NULL) {
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			one(path);
			n++;
		}
		closedir(d);
	}
	printf("%lu passed, 0 failed\n", n);
	return n == 0;
}
