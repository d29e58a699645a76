/* SPDX-License-Identifier: ISC */
/*
 * stub.h: what a stub does, in a program of its own (stub.c), in the process
 * that was about to become it, or in the shell (shim.c).
 */
#ifndef ORACLE_STUB_H
#define ORACLE_STUB_H

/* Appends the record, prints; the exit status. exe: path without links, bin/NAME. */
int stub_run(const char *exe, char *const *argv, char *const *env);

#endif
