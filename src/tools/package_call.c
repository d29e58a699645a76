/* SPDX-License-Identifier: ISC */
/*
 * package_call.c: which scripts of which package.json a command line of npm
 * and its kin runs. Their options in the middle, their own commands and the
 * scripts that these run by themselves (install) are tables; package.c looks
 * into the files.
 */
#include "tools/runner.h"

#include <string.h>

struct package_runner {
	const char *name;
	const char *run;      /* subcommands that name a script next; NULL: every word names one */
	const char *scripts;  /* subcommands that are scripts themselves */
	bool bare;            /* any other word may be a script */
	bool late;            /* options behind the script's name are its own, up to -- */
	const char *not;      /* words that are the tool's own commands */
	const char *values;   /* options with a value, long ones and letters */
	const char *dirs;     /* those among them that name the directory */
	const char *packages; /* those that name packages of the workspace */
	const char *every;    /* options that mean all of them; "*": always */
};

static const struct package_runner runners[] = {
	{ "npm", "run run-script rum urn", "test t tst start stop", false, true, "",
	    "prefix C w workspace loglevel script-shell", "prefix C", "w workspace", "ws workspaces" },
	{ "pnpm", "run run-script", "test t tst start stop", true, false,
	    "add update up remove rm uninstall un link unlink import rebuild rb prune fetch dedupe "
	    "audit list ls outdated why licenses exec dlx create init store config server env "
	    "setup patch patch-commit root bin deploy doctor self-update approve-builds help pkg",
	    "dir C filter filter-prod F workspace-concurrency reporter loglevel script-shell", "dir C",
	    "filter filter-prod F", "r recursive" },
	{ "yarn", "run", "test start", true, false,
	    "add remove upgrade up link unlink init config cache info why list audit outdated global import "
	    "versions exec dlx create node npm plugin set dedupe rebuild bin check generate-lock-entry help "
	    "login logout owner tag team policies patch",
	    "cwd", "cwd", "", "" },
	{ "bun", "run", "test start", true, false,
	    "add a remove rm update link unlink pm x create init upgrade build repl exec outdated patch help "
	    "audit info why",
	    "cwd filter F", "cwd", "filter F", "workspaces" },
	{ "turbo", "run", "", true, false, "daemon prune link login logout gen ls watch",
	    "filter F concurrency cache-dir env-mode cwd", "cwd", "filter F", "*" },
	{ "lerna", "run", "", false, false, "", "scope ignore concurrency", "", "scope", "*" },
	{ "node", NULL, "", false, false, "", "", "", "", "" },
	{ "run-s", NULL, "", false, false, "", "", "", "", "" },
	{ "run-p", NULL, "", false, false, "", "", "", "", "" },
	{ "npm-run-all", NULL, "", false, false, "", "", "", "", "" },
};

/* Commands that run scripts by themselves, if the package has them. */
static const struct own_scripts {
	const char *program; /* NULL: any of npm, pnpm, yarn, bun */
	const char *commands;
	const char *scripts;
	bool around;
} own[] = {
	{ NULL, "install i in ins inst insta instal isnt isnta isntal isntall ci clean-install ic "
	        "install-clean isntall-clean install-test it install-ci-test cit",
	    "preinstall install postinstall prepublish preprepare prepare postprepare", false },
	{ NULL, "publish", "prepublishOnly prepack prepare postpack publish postpublish", false },
	{ NULL, "pack", "prepack prepare postpack", false },
	{ NULL, "version", "preversion version postversion", false },
	{ NULL, "restart", "restart stop start", true },
	{ "npm", "add uninstall remove rm r un unlink", "preuninstall uninstall postuninstall preinstall "
	        "install postinstall prepare", false },
};

static void
add_script(struct package_call *out, struct str name)
{
	if (out->nscripts < PACKAGE_SCRIPTS)
		out->scripts[out->nscripts++] = name;
	else
		out->unknown = true;
}

static void
add_package(struct reading *rd, struct package_call *out, struct word w)
{
	struct str name;

	if (word_known(rd->a, w, &name))
		*vec_push(rd->a, &out->packages) = name;
	else
		out->every = true;
}

/* Takes an option; false if the word is none. */
static bool
option(struct reading *rd, const struct package_runner *r, const struct shell_command *c, size_t *i,
    struct package_call *out)
{
	struct word w = c->argv.v[*i], value;
	struct str head = word_prefix(w), name;
	size_t eq = str_chr(head, '='), dashes = str_starts(head, STR("--")) ? 2 : 1;

	if (head.n < 2 || head.p[0] != '-')
		return false;
	name = str_sub(head, dashes, (eq == STR_NPOS ? head.n : eq) - dashes);
	if (names_hold(r->every, name))
		out->every = true;
	if (!names_hold(r->values, name))
		return true;
	value = eq == STR_NPOS ? *i + 1 < c->argv.n ? c->argv.v[*i + 1] : word_any(rd->a, head)
	    : word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		  (struct word){ w.v + 1, w.n - 1, { 0 } });
	if (names_hold(r->dirs, name)) {
		out->has_dir = true;
		out->dir = value;
	}
	if (names_hold(r->packages, name))
		add_package(rd, out, value);
	if (eq == STR_NPOS)
		++*i;
	return true;
}

/* yarn workspace NAME …, yarn workspaces [foreach] [options] run …: what
 * follows is a call of its own. Returns where it goes on, 0: not these. */
static size_t
yarn_workspace(struct reading *rd, const struct package_runner *r, const struct shell_command *c, size_t i,
    struct package_call *out)
{
	if (!str_is(str_of(r->name), "yarn") || i + 1 >= c->argv.n)
		return 0;
	if (word_is(c->argv.v[i], "workspace")) {
		add_package(rd, out, c->argv.v[i + 1]);
		return i + 2;
	}
	if (!word_is(c->argv.v[i], "workspaces"))
		return 0;
	out->every = true;
	return word_is(c->argv.v[i + 1], "foreach") ? i + 2 : i + 1;
}

/* The words behind the script's name. */
static void
take_args(struct reading *rd, const struct package_runner *r, const struct shell_command *c, size_t i,
    struct package_call *out)
{
	VEC(struct word) args = { 0 };
	bool late = r->late;

	for (; i < c->argv.n; i++) {
		if (word_is(c->argv.v[i], "--") && (late || args.n == 0)) {
			late = false;
			continue;
		}
		if (!late || !option(rd, r, c, &i, out))
			*vec_push(rd->a, &args) = c->argv.v[i];
	}
	out->args = (struct words){ args.v, args.n };
}

/* A command that runs scripts of its own accord. */
static bool
takes_own(struct reading *rd, const struct package_runner *r, const struct shell_command *c, size_t i,
    struct str word, struct package_call *out)
{
	bool any = str_is(word, ""), lifecycle = !str_is(str_of(r->name), "turbo") && !str_is(str_of(r->name), "lerna");

	for (size_t k = 0; lifecycle && k < sizeof own / sizeof *own; k++) {
		struct words list;

		if ((own[k].program != NULL && !str_is(str_of(own[k].program), r->name)) ||
		    !names_hold(own[k].commands, any ? STR("install") : word))
			continue;
		list = words_split(rd->a, str_of(own[k].scripts));
		for (size_t n = 0; n < list.n; n++)
			add_script(out, word_prefix(list.v[n]));
		out->around = own[k].around;
		for (; i < c->argv.n; i++)
			if (word_is(c->argv.v[i], "--ignore-scripts") || word_is(c->argv.v[i], "--help"))
				return false;
			else
				(void)option(rd, r, c, &i, out);
		return true;
	}
	return false;
}

/* npm-run-all a b -p c; node --run a. */
static bool
every_word(struct reading *rd, const struct package_runner *r, const struct shell_command *c,
    struct package_call *out)
{
	bool node = str_is(str_of(r->name), "node");
	struct str word;

	for (size_t i = 1; i < c->argv.n; i++) {
		struct str head = word_prefix(c->argv.v[i]);

		if (node && str_starts(head, STR("--run"))) {
			size_t eq = str_chr(head, '=');

			if (eq == STR_NPOS && ++i >= c->argv.n)
				return false;
			out->unknown = !word_known(rd->a, c->argv.v[i], &word);
			if (!out->unknown)
				add_script(out, eq == STR_NPOS ? word : str_sub(word, eq + 1, word.n));
			take_args(rd, r, c, i + 1, out);
			return true;
		}
		if (node || str_starts(head, STR("-"))) {
			if (node && !str_starts(head, STR("-")))
				return false;
			continue;
		}
		if (!word_known(rd->a, c->argv.v[i], &word))
			out->unknown = true;
		else
			add_script(out, word); /* "build -- --x" keeps its words to itself */
	}
	return out->nscripts > 0 || out->unknown;
}

static bool
named(struct reading *rd, const struct package_runner *r, const struct shell_command *c,
    struct package_call *out)
{
	bool run = false, script;
	struct str word;
	size_t next;

	for (size_t i = 1; i < c->argv.n; i++) {
		if (option(rd, r, c, &i, out))
			continue;
		if (!word_known(rd->a, c->argv.v[i], &word)) {
			out->unknown = run || r->bare;
			return out->unknown;
		}
		if (!run && str_is(str_of(r->name), "pnpm") && names_hold("recursive multi m", word)) {
			out->every = true;
			continue;
		}
		if (!run && (next = yarn_workspace(rd, r, c, i, out)) > 0) {
			i = next - 1;
			continue;
		}
		if (!run && names_hold(r->run, word)) {
			run = true;
			continue;
		}
		script = run || names_hold(r->scripts, word); /* none of these is a command of its own */
		if (!script && takes_own(rd, r, c, i + 1, word, out))
			return true;
		if (!script && (!r->bare || names_hold(r->not, word)))
			return false;
		add_script(out, !run && names_hold("t tst", word) ? STR("test") : word);
		take_args(rd, r, c, i + 1, out);
		return true;
	}
	return !run && str_is(str_of(r->name), "yarn") && takes_own(rd, r, c, 1, STR(""), out);
}

bool
package_call(struct reading *rd, struct str program, const struct shell_command *c, struct package_call *out)
{
	static struct names by_name = NAMES(runners);
	size_t i = names_find(&by_name, program);
	const struct package_runner *r;

	if (i == STR_NPOS)
		return false;
	r = &runners[i];
	*out = (struct package_call){ .around = true, .every = str_is(str_of(r->every), "*") };
	return r->run == NULL ? every_word(rd, r, c, out) : named(rd, r, c, out);
}
