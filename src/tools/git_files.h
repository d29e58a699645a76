/* SPDX-License-Identifier: ISC */
/*
 * git_files.h: the work tree as git sees it: what is tracked (git_index.c),
 * left out (git_ignore.c), and which files a command brings in or loses
 * (git_files.c). All of it looks only as far as its budget goes.
 */
#ifndef TOOLS_GIT_FILES_H
#define TOOLS_GIT_FILES_H

#include "tools/git.h"

struct git_entry {
	struct str path; /* from the top of the tree */
	int64_t mtime_ns;
	uint32_t size, mode;
	const unsigned char *oid; /* of what was added; git_index.oid_bytes long */
	unsigned stage;  /* not 0: a conflict */
	bool skip;       /* not looked at by git itself */
	bool intent;     /* add -N: nothing of it is in the index */
};
struct git_index {
	VEC(struct git_entry) list; /* sorted by path */
	int64_t mtime_ns;
	size_t oid_bytes;
	enum tri staged; /* NO: what is staged has been committed or checked out */
	bool partial;    /* split or sparse: not all of it is here */
};
/* 0; ENOENT: nothing is tracked; EUNKNOWN. */
int git_index_read(struct git *g, struct git_index *out);
const struct git_entry *git_index_find(const struct git_index *x, struct str path);
bool git_index_below(const struct git_index *x, struct str dir);
/* The name of a blob with this content. */
void git_blob_name(struct str content, unsigned char out[20]);
/* Does the file differ from the index? By its stat data; where that cannot
 * tell, by its content if it is small. */
enum tri git_entry_changed(struct git *g, const struct git_index *x, const struct git_entry *e);

struct git_pattern_line {
	struct str base; /* folder of the file it stands in; empty: the whole tree */
	struct str text;
	bool keep, dirs, anchored, plain;
};
struct git_ignore {
	VEC(struct git_pattern_line) list;
	bool unsure; /* a file could not be read */
};
void git_ignore_open(struct git *g, struct git_ignore *ig);
size_t git_ignore_enter(struct git *g, struct git_ignore *ig, struct str dir);
void git_ignore_leave(struct git_ignore *ig, size_t had);
bool git_ignored(const struct git_ignore *ig, struct str path, bool dir);
bool git_ignored_path(struct git *g, struct str path);

/* Which files a command speaks of. */
struct git_spec {
	VEC(struct str) list; /* from the top; empty text: everything */
	bool unsure;          /* a word is not known, or is magic */
	bool all;             /* none given: the whole tree */
};
struct git_files {
	VEC(struct str) list; /* absolute */
	bool more;            /* there may be others */
	bool ignored;         /* some of them are left out by .gitignore */
};
/* Pathspecs among the operands from the n-th on. */
void git_spec_read(struct git *g, const struct parsed *p, size_t n, struct git_spec *out);
bool git_spec_has(const struct git_spec *s, struct str path);
/* Tracked files that differ; those that are not tracked. ignored: these too,
 * or these only. */
enum git_which { GIT_NOT_IGNORED, GIT_IGNORED_TOO, GIT_IGNORED_ONLY };
void git_files_changed(struct git *g, const struct git_spec *s, struct git_files *out);
void git_files_untracked(struct git *g, const struct git_spec *s, enum git_which which, struct git_files *out);

#endif
