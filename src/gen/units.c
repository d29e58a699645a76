/* SPDX-License-Identifier: ISC */
/*
 * units.c: a host program that runs while building: writes the service files
 * of contrib/ as C, for `bridle init --service`. Read by src/cli/service.c.
 */
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	printf("#include \"local/units.h\"\n");
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n = 0;
		int c;

		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		printf("static const char text%d[] = {\n", i);
		while ((c = getc(f)) != EOF)
			printf("%d,%s", c, ++n % 24 == 0 ? "\n" : "");
		fclose(f);
		printf("0};\n");
	}
	printf("const struct shipped_unit shipped_units[] = {\n");
	for (int i = 1; i < argc; i++) {
		const char *base = strrchr(argv[i], '/');

		printf("{ \"%s\", text%d },\n", base == NULL ? argv[i] : base + 1, i);
	}
	printf("{ 0, 0 }\n};\n");
	return 0;
}
