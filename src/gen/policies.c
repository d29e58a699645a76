/* SPDX-License-Identifier: ISC */
/*
 * policies.c: a host program that runs while building: writes the shipped
 * policies as C, so that the programs carry them. Read by src/local/shipped.c.
 */
#include <stdio.h>
#include <string.h>

static void
name_of(const char *path, char *out, size_t max)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base == NULL ? path : base + 1;
	n = strcspn(base, ".");
	if (n >= max)
		n = max - 1;
	memcpy(out, base, n);
	out[n] = '\0';
}

static int
put_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	int c;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	*bytes = 0;
	while ((c = getc(f)) != EOF)
		printf("%d,%s", c, ++*bytes % 24 == 0 ? "\n" : "");
	fclose(f);
	return 0;
}

int
main(int argc, char **argv)
{
	size_t sizes[256];
	char name[64];

	if (argc > 256)
		return 1;
	printf("#include \"local/shipped.h\"\n");
	for (int i = 1; i < argc; i++) {
		printf("static const unsigned char text%d[] = {\n", i);
		if (put_file(argv[i], &sizes[i]) != 0)
			return 1;
		printf("0};\n");
	}
	printf("const struct shipped_policy shipped_policies[] = {\n");
	for (int i = 1; i < argc; i++) {
		name_of(argv[i], name, sizeof name);
		printf("{ \"%s\", text%d, %zu },\n", name, i, sizes[i]);
	}
	printf("{ 0, 0, 0 }\n};\nconst unsigned long shipped_policies_n = %d;\n", argc - 1);
	return 0;
}
