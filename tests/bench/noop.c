/* SPDX-License-Identifier: ISC */
/*
 * noop.c: the smallest static program, to measure against; with EXEC, the smallest
 * that becomes the program of that path.
 */
#include <unistd.h>

extern char **environ;

int
main(int argc, char **argv)
{
#ifdef EXEC
	(void)argc;
	execve(EXEC, argv, environ);
	return 127;
#else
	(void)argc;
	(void)argv;
	return 0;
#endif
}
