/* SPDX-License-Identifier: ISC */
/*
 * runner.c: programs that run what a file of the project says: package.json
 * scripts, Makefile and justfile recipes, and scripts named by a path. The
 * text is run as looked-into code; where the file lies outside the project,
 * or cannot be read, the runner's own action says so.
 */
#include "tools/code.h"

#include "bridle/limits.h"

#include <cjson/cJSON.h>
#include <string.h>

struct place { /* where a runner looks */
	struct word dir;
	bool known;
	struct str path; /* known: absolute, clean */
};

static struct place
start_place(struct reading *rd, struct shell_state *st, const struct word *dir)
{
	struct place p = { 0 };

	p.dir = dir != NULL ? reading_path(rd, st, *dir, 0) : shell_cwd(st).v[0];
	p.known = shell_cwd(st).n == 1 && word_known(rd->a, p.dir, &p.path) && p.path.n > 0 &&
	    p.path.p[0] == '/';
	return p;
}

static void
opaque(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str why)
{
	reading_unknown_at(rd, st, c, UNKNOWN_OPAQUE, c->typed, why);
}

/* Marks the runner's action where what it reads is not the project's. */
static void
mark(struct reading *rd, struct action *act, struct str file)
{
	if (act != NULL && !path_under(overlay_real(rd, file), overlay_real(rd, rd->request->project)))
		act->flags |= ACTION_OUTSIDE;
}

static struct shell_state *
state_in(struct reading *rd, struct shell_state *st, struct str dir)
{
	struct shell_state *inside = reading_inside(rd, st);

	shell_set_cwd(rd->shell, inside, word_text(rd->a, dir));
	shell_set_var(rd->shell, inside, STR("__value"), word_words(rd->a, STR("$(…)")), false);
	return inside;
}

/* Text of a file of that folder, run by sh there. */
static int
run_in(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str dir,
    struct word text, struct str chain)
{
	struct shell_state *inside = state_in(rd, st, dir);
	int err = reading_run_shell(rd, inside, text, c, ACTION_LOOKED, chain,
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });

	reading_back(rd, st, inside);
	return err;
}

/* ---- package.json ------------------------------------------------------------------ */

static const struct package_runner {
	const char *name;
	const char *run;      /* subcommands that name a script next */
	const char *scripts;  /* subcommands that are scripts themselves */
	bool bare;            /* any other word may be a script */
	const char *not;      /* unless it is one of the tool's own commands */
	const char *values;   /* options with a value, long ones and letters */
	const char *dirs;     /* those among them that name the directory */
} package_runners[] = {
	{ "npm", "run run-script rum urn", "test t tst start stop restart", false, "",
	    "prefix C w workspace loglevel script-shell", "prefix C" },
	{ "pnpm", "run run-script", "test t tst start stop restart", true,
	    "add install i update up remove rm uninstall un link unlink import rebuild rb prune fetch dedupe "
	    "audit list ls outdated why licenses exec dlx create init publish pack store config server env "
	    "setup patch patch-commit root bin deploy doctor self-update approve-builds help",
	    "dir C filter F workspace-concurrency reporter loglevel", "dir C" },
	{ "yarn", "run", "test start", true,
	    "add install remove upgrade up link unlink init publish pack config cache info why list audit "
	    "outdated global import version versions workspace workspaces exec dlx create node npm plugin set "
	    "dedupe rebuild bin check generate-lock-entry help login logout owner tag team policies patch",
	    "cwd", "cwd" },
	{ "node", "--run", "", false, "", "", "" },
	{ "bun", "run", "test start", true,
	    "install i add a remove rm update link unlink pm x create init upgrade build repl exec publish "
	    "outdated patch help audit info why",
	    "cwd filter", "cwd" },
};

static bool
listed(const char *names, struct str name)
{
	struct str rest = str_of(names);

	while (rest.n > 0) {
		size_t end = str_chr(rest, ' ');
		struct str one = str_sub(rest, 0, end == STR_NPOS ? rest.n : end);

		if (str_eq(one, name))
			return true;
		rest = str_sub(rest, one.n + 1, rest.n);
	}
	return false;
}

struct package_call {
	struct str script;
	struct words args;
	struct word dir;
	bool has_dir, elsewhere; /* --filter, --workspace: another package */
	bool unknown;            /* which script is not known */
};

/* Takes an option; false if the word is none. */
static bool
package_option(struct reading *rd, const struct package_runner *r, const struct shell_command *c,
    size_t *i, struct package_call *out)
{
	struct word w = c->argv.v[*i];
	struct str head = word_prefix(w), name;
	size_t eq = str_chr(head, '=');

	if (head.n < 2 || head.p[0] != '-')
		return false;
	name = str_sub(head, head.p[1] == '-' ? 2 : 1, (eq == STR_NPOS ? head.n : eq) - (head.p[1] == '-' ? 2 : 1));
	if (listed("filter F w workspace workspaces r recursive ws", name))
		out->elsewhere = true;
	if (!listed(r->values, name))
		return true;
	if (listed(r->dirs, name)) {
		out->has_dir = true;
		out->dir = eq != STR_NPOS ? word_text(rd->a, str_sub(head, eq + 1, head.n))
		    : *i + 1 < c->argv.n ? c->argv.v[*i + 1] : word_any(rd->a, head);
	}
	if (eq == STR_NPOS)
		++*i;
	return true;
}

/* Which script of package.json the line runs; false: none. */
static bool
package_call(struct reading *rd, const struct package_runner *r, const struct shell_command *c,
    struct package_call *out)
{
	bool run = false;

	*out = (struct package_call){ 0 };
	for (size_t i = 1; i < c->argv.n; i++) {
		struct str word;

		if (str_starts(word_prefix(c->argv.v[i]), STR("--run=")) && listed(r->run, STR("--run"))) {
			out->script = str_sub(word_prefix(c->argv.v[i]), 6, STR_NPOS);
			out->args = words_from(c->argv, i + 1);
			return true;
		}
		if (!listed(r->run, word_prefix(c->argv.v[i])) && package_option(rd, r, c, &i, out))
			continue;
		if (!word_known(rd->a, c->argv.v[i], &word)) {
			out->unknown = run || r->bare;
			return out->unknown;
		}
		if (!run && listed(r->run, word)) {
			run = true;
			continue;
		}
		if (!run && !listed(r->scripts, word) && (!r->bare || listed(r->not, word)))
			return false;
		out->script = !run && listed("t tst", word) ? STR("test") : word;
		i++;
		if (i < c->argv.n && word_is(c->argv.v[i], "--"))
			i++;
		out->args = words_from(c->argv, i);
		return true;
	}
	return false;
}

/* The nearest package.json upwards: 0, ENOENT, EUNKNOWN. */
static int
find_package(struct reading *rd, struct str dir, struct str *file, struct str *text)
{
	for (;;) {
		int err;

		*file = path_join(rd->a, dir, STR("package.json"));
		err = overlay_text(rd, *file, text);
		if (err != BRIDLE_ENOENT || dir.n <= 1)
			return err;
		dir = path_dir(dir);
	}
}

static int
run_script(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const cJSON *scripts, struct str file, struct str name, struct words args)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(scripts, str_c(rd->a, name));
	struct str chain = str_printf(rd->a, "package.json script " STR_FMT, STR_ARG(name));
	struct word text;

	/* A script that runs itself again says nothing new. */
	if (!cJSON_IsString(item) || str_find(rd->chain, chain) != STR_NPOS)
		return 0;
	text = word_text(rd->a, str_dup(rd->a, str_of(item->valuestring)));
	for (size_t i = 0; i < args.n; i++) {
		struct str known;

		text = word_cat(rd->a, text, word_text(rd->a, STR(" ")));
		text = word_cat(rd->a, text, word_text(rd->a, word_known(rd->a, args.v[i], &known)
			? shell_quote(rd->a, known) : STR("$__value")));
	}
	return run_in(rd, st, c, path_dir(file), text, chain);
}

static int
run_scripts(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct package_call *call, struct str file, struct str text)
{
	cJSON *root = cJSON_ParseWithLengthOpts(str_c(rd->a, text), text.n + 1, NULL, false);
	const cJSON *scripts = cJSON_GetObjectItemCaseSensitive(root, "scripts");
	struct words none = { NULL, 0 };
	int err = 0;

	if (root == NULL || (scripts != NULL && !cJSON_IsObject(scripts))) {
		opaque(rd, st, c, STR("package.json could not be read"));
	} else if (scripts != NULL) {
		err = run_script(rd, st, c, scripts, file,
		    str_cat(rd->a, STR("pre"), call->script), none);
		if (err == 0)
			err = run_script(rd, st, c, scripts, file, call->script, call->args);
		if (err == 0)
			err = run_script(rd, st, c, scripts, file,
			    str_cat(rd->a, STR("post"), call->script), none);
	}
	cJSON_Delete(root);
	return err;
}

static int
package_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct package_runner *r, struct action *act)
{
	struct package_call call;
	struct place p;
	struct str file, text;
	int err;

	if (!package_call(rd, r, c, &call))
		return 0;
	p = start_place(rd, st, call.has_dir ? &call.dir : NULL);
	if (call.unknown || call.elsewhere || !p.known) {
		if (act != NULL && !p.known)
			act->flags |= ACTION_OUTSIDE;
		opaque(rd, st, c, str_printf(rd->a, "which package.json script " STR_FMT " runs is not known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
		return 0;
	}
	err = find_package(rd, p.path, &file, &text);
	if (err == BRIDLE_ENOENT) {
		mark(rd, act, p.path);
		return 0;
	}
	mark(rd, act, file);
	if (err != 0) {
		opaque(rd, st, c, STR("package.json could not be read"));
		return 0;
	}
	return run_scripts(rd, st, c, &call, file, text);
}

/* ---- Makefile and justfile --------------------------------------------------------------- */

struct make_files {
	struct word file, dir;
	bool has_file, has_dir, dry;
	struct str eval; /* lines given on the command line, read before the file */
};

static void
add_eval(struct reading *rd, struct make_files *f, struct word w)
{
	struct str text;

	if (word_known(rd->a, w, &text))
		f->eval = str_printf(rd->a, STR_FMT STR_FMT "\n", STR_ARG(f->eval), STR_ARG(text));
}

/* --file=F, --directory D, --eval=TEXT: true if the next word is its value. */
static bool
make_long(struct reading *rd, struct word w, struct word next, struct make_files *f)
{
	static const char *const names[] = { "--file", "--makefile", "--directory", "--eval" };
	struct str head = word_prefix(w);
	size_t eq = str_chr(head, '='), n = eq == STR_NPOS ? head.n : eq;
	struct word value = eq == STR_NPOS ? next
	    : word_cat(rd->a, word_text(rd->a, str_sub(head, eq + 1, head.n)),
		  (struct word){ w.v + 1, w.n - 1, { 0 } });

	f->dry |= word_is(w, "--dry-run") || word_is(w, "--just-print") || word_is(w, "--recon");
	for (size_t i = 0; i < 4 && n > 3; i++) {
		if (!str_starts(str_of(names[i]), str_sub(head, 0, n)))
			continue;
		if (i == 3)
			add_eval(rd, f, value);
		else if (i == 2)
			f->dir = value, f->has_dir = true;
		else
			f->file = value, f->has_file = true;
		return eq == STR_NPOS;
	}
	return false;
}

static void
make_words(struct reading *rd, const struct shell_command *c, bool just, struct make_files *f,
    struct make_call *call)
{
	const char *values = just ? "fdE" : "fCIoWjlE";
	VEC(struct word) targets = { 0 }, assigns = { 0 };

	for (size_t i = 1; i < c->argv.n; i++) {
		struct word w = c->argv.v[i];
		struct str head = word_prefix(w);

		if (head.n > 1 && head.p[0] == '-' && head.p[1] != '-') {
			const char *v = strchr(values, head.p[1]);
			bool own = head.n == 2 && w.n == 1, j = head.p[1] == 'j' || head.p[1] == 'l';
			struct word value = own && i + 1 < c->argv.n ? c->argv.v[i + 1]
			    : word_text(rd->a, str_sub(head, 2, head.n));

			if (head.p[1] == 'f') {
				f->file = value;
				f->has_file = true;
			} else if (head.p[1] == (just ? 'd' : 'C')) {
				f->dir = value;
				f->has_dir = true;
			} else if (head.p[1] == 'E' && !just)
				add_eval(rd, f, value);
			f->dry |= str_chr(head, 'n') != STR_NPOS && v == NULL;
			if (v != NULL && own && !(j && (i + 1 >= c->argv.n || word_prefix(value).n == 0 ||
							   word_prefix(value).p[0] < '0' ||
							   word_prefix(value).p[0] > '9')))
				i++;
		} else if (head.n > 1 && head.p[0] == '-') {
			struct word next = i + 1 < c->argv.n ? c->argv.v[i + 1] : word_text(rd->a, STR(""));

			if (make_long(rd, w, next, f))
				i++;
		} else if (str_chr(head, '=') != STR_NPOS) {
			*vec_push(rd->a, &assigns) = w;
		} else {
			*vec_push(rd->a, &targets) = w;
		}
	}
	call->targets = (struct words){ targets.v, targets.n };
	call->assigns = (struct words){ assigns.v, assigns.n };
}

/* The first of the usual names that is there. */
static int
make_text(struct reading *rd, struct shell_state *st, const struct make_files *f, bool just,
    struct str *file, struct str *text)
{
	static const char *const names[2][3] = { { "GNUmakefile", "makefile", "Makefile" },
		{ "justfile", "Justfile", ".justfile" } };
	struct place p = start_place(rd, st, f->has_dir ? &f->dir : NULL);

	if (!p.known)
		return BRIDLE_EUNKNOWN;
	if (f->has_file) {
		struct str name;

		if (!word_known(rd->a, f->file, &name))
			return BRIDLE_EUNKNOWN;
		*file = path_clean(rd->a, path_join(rd->a, p.path, name));
		return overlay_text(rd, *file, text);
	}
	for (size_t i = 0; i < 3; i++) {
		int err;

		*file = path_join(rd->a, p.path, str_of(names[just][i]));
		err = overlay_text(rd, *file, text);
		if (err != BRIDLE_ENOENT)
			return err;
	}
	return BRIDLE_ENOENT;
}

static int
make_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, bool just,
    struct action *act)
{
	struct make_call call = { .just = just };
	struct make_files f = { 0 };
	struct str file = { 0 }, text, dir;
	recipes_vec recipes = { 0 };
	struct word in;
	int err;

	make_words(rd, c, just, &f, &call);
	if (f.has_file && word_is(f.file, "-")) {
		if (reading_stdin(rd, c, &in) != SHELL_STDIN_TEXT || !word_known(rd->a, in, &text)) {
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    STR("the makefile on standard input is not known"));
			return 0;
		}
		file = path_join(rd->a, rd->request->cwd, STR("standard input"));
		err = 0;
	} else {
		err = make_text(rd, st, &f, just, &file, &text);
	}
	if (file.n > 0)
		mark(rd, act, file);
	else if (act != NULL)
		act->flags |= ACTION_OUTSIDE;
	if (err == BRIDLE_ENOENT && f.eval.n > 0) {
		file = path_join(rd->a, rd->request->cwd, STR("--eval"));
		text = STR("");
		err = 0;
	}
	if (err == BRIDLE_ENOENT)
		return 0;
	if (err == 0 && f.eval.n > 0)
		text = str_cat(rd->a, f.eval, text);
	if (err != 0 || !makefile_recipes(rd->a, text, &call, &recipes))
		opaque(rd, st, c, str_printf(rd->a, "what " STR_FMT " runs is not all known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
	dir = path_dir(file);
	for (size_t i = 0; i < recipes.n && !f.dry; i++) {
		struct str chain = str_printf(rd->a, STR_FMT " target " STR_FMT,
		    STR_ARG(path_base(file)), STR_ARG(recipes.v[i].target));

		if (str_find(rd->chain, chain) != STR_NPOS)
			continue;
		err = run_in(rd, st, c, dir, word_text(rd->a, recipes.v[i].line), chain);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- ./x.sh --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool shell, backquote;
} shebangs[] = {
	{ "sh", true, false }, { "bash", true, false }, { "dash", true, false }, { "zsh", true, false },
	{ "ksh", true, false }, { "ash", true, false }, { "perl", false, true }, { "ruby", false, true },
	{ "php", false, true }, { "node", false, false }, { "python", false, false },
	{ "python3", false, false }, { "bun", false, false }, { "deno", false, false }, { "tsx", false, false },
};

/* The program of a #! line; empty: none. */
static struct str
shebang(struct reading *rd, struct str text)
{
	struct words w;
	struct str line, name;
	size_t i = 0;

	if (!str_starts(text, STR("#!")))
		return (struct str){ 0 };
	line = str_sub(text, 2, str_chr(text, '\n') == STR_NPOS ? text.n : str_chr(text, '\n') - 2);
	w = words_split(rd->a, line);
	if (w.n == 0)
		return (struct str){ 0 };
	name = path_base(word_prefix(w.v[0]));
	if (str_is(name, "env"))
		for (i = 1; i < w.n; i++) {
			name = path_base(word_prefix(w.v[i]));
			if (!str_starts(name, STR("-")) && str_chr(name, '=') == STR_NPOS)
				break;
		}
	return name;
}

static int
path_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct action *act)
{
	struct overlay_state s = { 0 };
	struct str path;
	int err = 0;

	if (act != NULL && act->model != NULL)
		return 0;
	if (shell_cwd(st).n != 1 || !word_known(rd->a, reading_path(rd, st, c->argv.v[0], 0), &path) ||
	    path.n == 0 || path.p[0] != '/') {
		opaque(rd, st, c, str_printf(rd->a, "which file " STR_FMT " is, is not known",
		    STR_ARG(word_show(rd->a, c->argv.v[0]))));
		return 0;
	}
	overlay_read(rd, path, &s);
	if (s.unknown && s.texts.n == 0) {
		opaque(rd, st, c, str_printf(rd->a, STR_FMT " could not be read", STR_ARG(path)));
		return 0;
	}
	for (size_t i = 0; i < s.texts.n && err >= 0; i++) {
		struct str name = shebang(rd, s.texts.v[i]);
		bool text = name.n == 0 && str_chr(str_sub(s.texts.v[i], 0, 80), '\0') == STR_NPOS;
		size_t k = 0;

		while (k < sizeof shebangs / sizeof *shebangs && !str_is(name, shebangs[k].name))
			k++;
		if (k < sizeof shebangs / sizeof *shebangs && !shebangs[k].shell) {
			struct code how = { true, false, shebangs[k].backquote, ACTION_LOOKED, path_base(path) };

			err = code_read(rd, st, c, &how, s.texts.v[i]);
		} else if (text || k < sizeof shebangs / sizeof *shebangs) {
			rd->shell_name = name.n > 0 ? name : STR("sh");
			err = reading_run_shell(rd, st, word_text(rd->a, s.texts.v[i]), c, ACTION_LOOKED,
			    path_base(path), c->argv.v[0], words_from(c->argv, 1));
		}
	}
	return err;
}

int
runner_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	for (size_t i = 0; i < sizeof package_runners / sizeof *package_runners; i++)
		if (str_is(prog->base, package_runners[i].name))
			return package_run(rd, st, c, &package_runners[i], act);
	if (str_is(prog->base, "make") || str_is(prog->base, "gmake"))
		return make_run(rd, st, c, false, act);
	if (str_is(prog->base, "just"))
		return make_run(rd, st, c, true, act);
	if (prog->by_path && (rd->flags & ACTION_GUESS) == 0)
		return path_run(rd, st, c, act);
	return 0;
}
