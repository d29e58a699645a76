/* SPDX-License-Identifier: ISC */
/*
 * git.h: the parts that make up what bridle knows of git. Runs nothing; reads
 * the repository's own files through the overlay, so that what the line did
 * before counts. Start with git.c (the resolver), then git_push.c.
 *
 * Where a file, a variable or the directory may be one of several things at
 * this point of the line, git is read once for each combination: struct git
 * is one such way the world can be, and git_pick() chooses in it.
 */
#ifndef TOOLS_GIT_H
#define TOOLS_GIT_H

#include "bridle/limits.h"
#include "tools/tools.h"

/* ---- configuration: every value in the order that git reads it ---- */
enum git_scope { GIT_SYSTEM, GIT_GLOBAL, GIT_LOCAL, GIT_WORKTREE, GIT_COMMAND };
struct git_setting {
	struct str key;   /* section and name in lower case, subsection as it is: "remote.origin.url" */
	struct str value;
	bool bare;        /* no "=": true */
	enum git_scope scope;
};
struct git_config {
	VEC(struct git_setting) list;
	struct str why; /* not empty: something may be missing, a phrase */
};
/* Adds what text says, raw: include.path is a value like any other. ESYNTAX
 * where git would refuse the file; what stands before it has been added. */
int git_config_parse(struct arena *a, struct str text, enum git_scope scope, struct git_config *out);
/* The file that says just that; comments are not kept. */
struct str git_config_print(struct arena *a, const struct git_config *c);
/* Canonical key of "Remote.origin.URL"; EINVAL where it is none. */
int git_config_key(struct arena *a, struct str typed, struct str *out);
/* Last value: 0, ENOENT, EUNKNOWN. A bare key gives "true". */
int git_config_last(const struct git_config *c, struct str key, struct str *value);
/* The last value of KEY.SUB.NAME made from its parts. */
int git_config_of(struct arena *a, const struct git_config *c, const char *section, struct str sub,
    const char *name, struct str *value);
/* Boolean, dflt where it is not set; TRI_MAYBE where it cannot be known. */
enum tri git_config_bool(const struct git_config *c, const char *key, bool dflt);
/* Splits "section.sub.name"; sub is empty without one. */
void git_config_split(struct str key, struct str *section, struct str *sub, struct str *name);

/* ---- one way the world can be for one git command ---- */
enum git_found { GIT_NONE, GIT_FOUND, GIT_UNSURE };
struct git_repo {
	enum git_found found;
	struct str why;    /* UNSURE */
	struct str gitdir; /* absolute: .git, or .git/worktrees/x */
	struct str common; /* where refs and config are */
	struct str top;    /* of the work tree; empty: bare */
	bool explicit_dir; /* --git-dir or GIT_DIR */
	bool embedded;     /* bare, found by being inside it */
};
struct git_ref {
	struct str name; /* refs/heads/main */
	struct str value; /* 40 or 64 hex digits, or empty: not known */
};
struct git_probe { /* the first ref behind a place of packed-refs */
	uint64_t from, at;
	struct git_ref ref;
};
struct git_block { /* lines of packed-refs that were read */
	uint64_t low;
	struct str text;
};
struct git_var { /* HOME, XDG_CONFIG_HOME */
	int err;
	struct str value;
};
struct git {
	struct reading *rd;
	struct shell_state *st;
	struct arena *a;
	const struct parsed *p;
	size_t variant, ways;   /* this combination; how many there are so far */
	struct map *picked;     /* choices made, by what they are about */
	struct map *files;      /* read so far */
	const struct map *had;  /* read before, by another with the same; may be NULL */
	bool no_env;            /* no variable GIT_… is set */
	bool asked;             /* these two have been asked for */
	struct git_var home, xdg;
	bool too_many;          /* more combinations than LIMIT_ALTERNATIVES */
	struct str dir;         /* where git starts, -C applied; empty: not known */
	struct git_repo repo;
	struct git_config config;
	struct str packed;      /* content of packed-refs */
	struct str packed_head; /* its first bytes, where it is too large to be read whole for one name */
	uint64_t packed_size;
	VEC(struct git_probe) probes; /* places of it that were looked at */
	VEC(struct git_block) blocks; /* parts of it that were read */
	bool packed_read, refs_unsure;
	VEC(struct git_ref) refs; /* all, once listed */
	bool refs_listed;
};
/* Opens the world of command p: directory, repository, configuration. */
void git_open(struct git *g, struct reading *rd, struct shell_state *st, const struct parsed *p,
    size_t variant);
size_t git_pick(struct git *g, struct str what, size_t n); /* one of n, the same for the same what */
int git_read(struct git *g, struct str path, struct str *text); /* 0 ENOENT EUNKNOWN */
int git_env(struct git *g, const char *name, struct str *value); /* 0 ENOENT EUNKNOWN */
bool git_is_dir(struct git *g, struct str path);
bool git_is_file(struct git *g, struct str path);
/* A name in dir; name: written in the source, and clean. */
struct str git_under(struct git *g, struct str dir, const char *name);
void git_find_repo(struct git *g);
void git_find_top(struct git *g);    /* core.worktree, core.bare: after the configuration */
void git_check_owner(struct git *g); /* safe.directory: may make it GIT_UNSURE */
/* Is dir one that git itself takes for a repository (HEAD, objects, refs)? */
bool git_is_repo(struct git *g, struct str dir);
/* That of another command, which starts in dir or in where the .git file of
 * that name leads: 0, ENOENT, EUNKNOWN. */
int git_repo_at(struct git *g, struct str dir, struct git_repo *out);
/* Are its objects there? Then what is not in its refs is nowhere. */
bool git_whole(struct git *g);
void git_read_config(struct git *g);
/* Reads what the repository's own files say, without includes from elsewhere:
 * used to look for doors. */
void git_read_local(struct git *g, struct git_config *out);

/* ---- refs ---- */
/* Full name of the current branch (symbolic refs followed), ENOENT when HEAD
 * is detached, EUNKNOWN. */
int git_head(struct git *g, struct str *branch);
bool git_born(struct git *g, struct str branch); /* may it have a commit? cheap */
/* What a full ref name or HEAD leads to in the end: target of symbolic refs
 * (the name itself if it is none) and its value. ENOENT, EUNKNOWN. */
int git_resolve(struct git *g, struct str name, struct str *target, struct str *value);
/* Only where it is a file of its own: ENOENT says nothing of packed-refs. */
int git_resolve_loose(struct git *g, struct str name, struct str *value);
int git_list_refs(struct git *g); /* fills g->refs, sorted; 0 or EUNKNOWN */
/* A name as git's own rules complete it against a list: how many match, and
 * which. */
size_t git_ref_match(const struct git_ref *refs, size_t n, struct str name, const struct git_ref **out);
/* The same against this repository's refs, without listing them all. */
int git_ref_count(struct git *g, struct str name, size_t *n, struct str *full);
const struct git_ref *git_ref_find(const struct git_ref *refs, size_t n, struct str name); /* in a sorted list; NULL */
bool git_ref_valid(struct str name, bool pattern); /* git check-ref-format, one level allowed */
bool git_hex(struct str s); /* 40 or 64 hex digits */
/* May this be a revision that git finds? YES only where it certainly is one. */
enum tri git_revision(struct git *g, struct str rev);
/* The refs of the repository in dir: 0, ENOENT where dir is none, EUNKNOWN. */
int git_refs_at(struct git *g, struct str dir, struct git_ref **refs, size_t *n);

/* ---- refspecs ---- */
struct git_refspec {
	bool force, negative, matching, pattern, has_dst;
	struct str src, dst;
};
int git_refspec_parse(struct str text, struct git_refspec *out); /* as for push; EINVAL */
/* src with one star against name; the dst that follows. */
bool git_refspec_map(struct arena *a, struct str src, struct str name, struct str dst, struct str *out);

/* ---- remotes ---- */
struct git_remote {
	struct str name;
	VEC(struct str) urls;   /* where a push goes: pushurl or url, rewritten */
	VEC(struct git_refspec) push;
	bool mirror, vcs, configured;
	struct str why; /* not empty: may be something else */
};
/* name empty: the default for a push from branch (may be empty). */
int git_remote_get(struct git *g, struct str name, struct str branch, struct git_remote *out);
/* named: the remote that the command names, which git counts as one it knows. */
struct str git_remote_for_branch(struct git *g, struct str branch, struct str named, bool push, bool *given);
/* Other remotes that lead to the same place as url. */
void git_remote_same(struct git *g, struct str url, struct str but, struct words *out);
struct str git_url_place(struct arena *a, struct str url); /* host and path only, for comparing */

/* ---- push ---- */
enum git_force { GIT_FORCE_NO, GIT_FORCE_LEASE, GIT_FORCE_YES, GIT_FORCE_UNKNOWN };
struct git_update {
	struct word remote;  /* as named or resolved; n 0 with unknown set: any */
	struct str remote_why; /* not empty: the remote is not known */
	struct str url;      /* empty: not known */
	struct word ref;     /* full destination */
	struct words refs;   /* n > 0: each of these, too many for an update each; ref is a shape */
	struct str ref_why;  /* not empty: ref is not, or only partly, known */
	enum git_force force;
	enum tri deletes;
	struct str src;      /* the local ref that is sent; empty: not known, or a revision */
	struct str from;     /* "operand", "push.default", "remote.origin.push" … */
};
struct git_push {
	VEC(struct git_update) updates;
	struct str error;    /* not empty: git itself refuses */
	struct str remote;   /* name; empty: not known */
	bool upstream;       /* -u or push.autoSetupRemote would set it */
};
void git_push_updates(struct git *g, struct git_push *out);

/* ---- what it leaves behind ---- */
void git_effect(struct git *g, bool sure);
bool git_moves_tree(struct git *g); /* may the files of its work tree become others? */
bool git_has_effect(const struct parsed *p);

int git_output(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct word *out);

/* ---- what is lost, what is taken in ---- */
void git_loss(struct git *g, struct shell_state *st, const struct shell_command *c, struct action *act);
void git_take(struct git *g, struct action *act);

/* ---- doors: settings and variables that run programs ---- */
/* Keys are canonical here. May git run a program by this setting? */
bool git_door_key(struct str key, struct str value);
bool git_door_shell(struct str key, struct str value); /* and is the value shell text? */
bool git_safe_key(struct str key, struct str value);   /* changes nothing that matters */
/* The repository is not the session's project, and may run a program by what
 * its own configuration says when this command works in it. */
bool git_foreign(struct git *g, bool read_only);
/* Judges the shell text in -c, variables, operands and URLs of the command.
 * *safe_c: what -c sets is harmless, all of it. */
int git_judge_inside(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *act, bool *safe_c);
/* The state that programs which git starts inherit: what -c set and which
 * repository it is are handed on in variables. */
struct shell_state *git_child(struct reading *rd, struct shell_state *st, const struct parsed *p);
int git_judge_setting(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    struct str key, struct str value);

/* ---- aliases, dashes, guesses: resolver.before ---- */
int git_before(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct words *argv);

/* ---- rules ---- */
int git_pattern(struct arena *a, const struct parsed *p, struct pattern *out, needs_vec *needs,
    struct str *error);
bool git__is(const struct parsed *p, struct str path);
static inline bool
git_is(const struct parsed *p, const char *path) /* "push", "remote add" */
{
	const struct model_command *c = p->command;

	if (c == NULL || (c->npath > 0 && (c->path[0].p[0] != path[0] || c->path[0].p[1] != path[1])) ||
	    (c->npath == 1 && c->path[0].n != strlen(path))) /* what most are turned away by */
		return false;
	return git__is(p, str_of(path));
}

#endif
