/* SPDX-License-Identifier: ISC */
/* noop.c: the smallest static program, to measure against. */
int
main(void)
{
	return 0;
}
