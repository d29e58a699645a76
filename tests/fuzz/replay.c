/* SPDX-License-Identifier: ISC */
/*
 * replay.c: a fuzz target without a fuzzer: every file of the folders given is
 * one input. Linked with each tests/fuzz/fuzz_X.c, so that what was once found
 * stays tested by `make test`, with any compiler. Ends in `N passed, 0 failed`;
 * a failure is a crash, and the last file shown is the one.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
one(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	uint8_t *copy;
	size_t n;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	copy = malloc(n > 0 ? n : 1); /* of its own size: the sanitizers see its end */
	if (copy == NULL)
		exit(1);
	for (size_t i = 0; i < n; i++)
		copy[i] = bytes[i];
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

int
main(int argc, char **argv)
{
	unsigned long n = 0;
	char path[4200];

	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		struct dirent *e;

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
