/* SPDX-License-Identifier: ISC */
/*
 * modules.c: the files that code of another language loads: `import helper`,
 * `require("./x")`, perl -MH, what a test runner finds by itself. A module that
 * the line has written, or a file of the project, is read as a script is; what
 * else a name may mean is the language's own. Nothing here is exact: a name that
 * leads to no such file is left alone.
 */
#include "tools/language.h"

#include "bridle/limits.h"
#include "tools/json_tree.h"

#include <string.h>

#define FILES_MAX 64
#define FOLDERS_MAX 16
#define DEPTH_MAX 8

const struct naming *
language_naming(const struct language *l)
{
	static const struct naming python = { "import from __import__ import_module run_path run_module open execfile append insert",
		".", ".py /__init__.py /__main__.py .", "PYTHONPATH", NULL, "import sitecustomize, usercustomize", "m", "",
		"import ", "", false };
	static const struct naming perl = { "use require do lib", "::", ".pm .", "PERL5LIB", "PERL5OPT", NULL, "Mm", "",
		"use ", "I", false };
	static const struct naming ruby = { "require require_relative load autoload", NULL, ".rb .", "RUBYLIB", "RUBYOPT",
		NULL, "r", "require", "require ", "I", false };
	static const struct naming node = { "require import from", NULL, ". .js .mjs .cjs .ts /index.js", "NODE_PATH",
		"NODE_OPTIONS", NULL, "r", "require import loader experimental-loader", "require ", "", true };
	static const struct naming lua = { "require dofile loadfile", ".", ".lua /init.lua .", "", NULL, NULL, "l", "",
		"require ", "", false };
	static const struct naming awk = { "include", NULL, ". .awk", "AWKPATH", NULL, NULL, "i", "include", "@include ", "",
		false };
	static const struct naming vim = { "source so runtime", NULL, ".", "", NULL, NULL, "", "", "", "", false };
	static const struct naming plain = { "include include_once require require_once source load", NULL, ".", "", NULL,
		NULL, "", "", "", "", false };

	switch (l == NULL ? -1 : l - languages) {
	case LANG_PYTHON: case LANG_IPYTHON:
		return &python;
	case LANG_NODE: case LANG_BUN: case LANG_TSX:
		return &node;
	case LANG_PERL:
		return &perl;
	case LANG_RUBY:
		return &ruby;
	case LANG_LUA:
		return &lua;
	case LANG_AWK:
		return &awk;
	case LANG_VIM:
		return &vim;
	case LANG_PHP: case LANG_JULIA: case LANG_RSCRIPT: case LANG_TCLSH:
		return &plain;
	default:
		return NULL;
	}
}

struct loading {
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	const struct naming *naming;
	struct code how;
	VEC(struct str) folders; /* where a name is looked for */
	struct map *seen, *lists;
	unsigned files, depth;
	bool written; /* only what the line wrote is read */
};

static void
add_folder(struct loading *ld, struct str dir)
{
	dir = path_clean(ld->rd->a, dir);
	for (size_t i = 0; i < ld->folders.n; i++)
		if (str_eq(ld->folders.v[i], dir))
			return;
	if (ld->folders.n < FOLDERS_MAX)
		*vec_push(ld->rd->a, &ld->folders) = dir;
}

/* Where the program runs; empty: not known. */
static struct str
here(const struct loading *ld)
{
	struct str dir;

	return shell_cwd(ld->st).n == 1 && word_known(ld->rd->a, shell_cwd(ld->st).v[0], &dir) ? dir : STR("");
}

void
modules_folder(struct loading *ld, struct word folder)
{
	struct str dir;

	if (here(ld).n > 0 && word_known(ld->rd->a, folder, &dir) && dir.n > 0)
		add_folder(ld, path_join(ld->rd->a, here(ld), dir));
}

void
modules_args(struct loading *ld, struct words args)
{
	ld->how.args = args;
}

/* The folders of PYTHONPATH. */
static void
path_folders(struct loading *ld)
{
	struct str path, dir;
	struct words values;
	size_t from = 0;

	if (shell_env(ld->rd->shell, ld->st, str_of(ld->naming->path), &values) != 0)
		return;
	for (size_t i = 0; i < values.n; i++)
		if (word_known(ld->rd->a, values.v[i], &path))
			for (from = 0; samefile_next_dir(path, &from, &dir);)
				modules_folder(ld, word_text(ld->rd->a, dir.n > 0 ? dir : STR(".")));
}

struct loading *
modules_new(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct language *l)
{
	struct loading *ld = NEW(rd->a, struct loading);

	*ld = (struct loading){ .rd = rd, .st = st, .c = c, .naming = language_naming(l), .seen = map_new(rd->a),
		.lists = map_new(rd->a) };
	ld->how.backquote = l != NULL && l->backquote;
	ld->how.bang = l != NULL && l->bang;
	ld->how.awk = l == &languages[LANG_AWK];
	ld->how.plain = l == &languages[LANG_TCLSH];
	if (ld->naming == NULL)
		return ld;
	path_folders(ld);
	return ld;
}

/* ---- files ------------------------------------------------------------------------------ */

static int load_code(struct loading *ld, struct str code, struct str folder);

int
modules_file(struct loading *ld, struct str path, const struct overlay_state *s)
{
	struct code how = ld->how;
	int err = 0;

	how.chain = path_base(path);
	how.flags = script_flags(ld->rd, path);
	how.file = how.flags == ACTION_LOOKED;
	how.own = !how.file;
	if (how.own)
		how.flags |= ACTION_GUESS;
	if (s->unknown && script_suspect(ld->rd, s->by))
		script_written(ld->rd, ld->st, ld->c, how.chain, "it");
	if (path.n > 0)
		map_put(ld->seen, path, ld);
	for (size_t i = 0; i < s->texts.n && err >= 0; i++) {
		err = code_read(ld->rd, ld->st, ld->c, &how, s->texts.v[i]);
		if (err >= 0)
			err = load_code(ld, s->texts.v[i], path.n > 0 ? path_dir(path) : here(ld));
	}
	return err;
}

/* A file of the project? What a line may look at is left for what must be read. */
static bool
project_file(struct reading *rd, struct str path)
{
	struct world_stat ws;

	return path_under(path, rd->request->project) && rd->bytes_read < LIMIT_FILES_BYTES / 4 &&
	    rd->lookups < LIMIT_LOOKUPS / 4 && overlay_stat(rd, path, true, &ws) == 0 && ws.kind == WORLD_FILE;
}

static int
load_path(struct loading *ld, struct str path)
{
	struct reading *rd = ld->rd;
	struct overlay_state s;

	if (ld->files >= FILES_MAX || map_get(ld->seen, path) != NULL)
		return 0;
	if (!overlay_wrote(rd, path) && (ld->written || !project_file(rd, path)))
		return 0;
	ld->files++;
	return overlay_read(rd, path, &s) < 0 ? 0 : modules_file(ld, path, &s);
}

/* ---- names ------------------------------------------------------------------------------ */

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next of these blank-separated ends; false: no more. */
static bool
next_end(const char **at, struct str *end)
{
	size_t n = strcspn(*at, " ");

	*end = (struct str){ *at, n };
	*at += n + ((*at)[n] == ' ');
	if (str_is(*end, "."))
		*end = STR("");
	return n > 0;
}

/* a.b and A::B as a path; what is one already stays. */
static struct str
name_path(struct loading *ld, struct str name)
{
	const char *ends = ld->naming->ends;
	struct str parts = str_of(ld->naming->parts), end;
	struct buf out;

	if (str_is(parts, ".")) /* test_a.py::test, app:main */
		name = str_sub(name, 0, str_chr(name, ':'));
	if (parts.n == 0 || str_is(name, ".") || str_chr(name, '/') != STR_NPOS)
		return name;
	while (next_end(&ends, &end))
		if (end.n > 0 && end.p[0] == '.' && str_ends(name, end))
			return name;
	buf_init(&out, ld->rd->a);
	for (size_t dots = 0; str_starts(name, STR(".")) && name.n > 1; dots++) { /* .a: beside it; ..a: above */
		name = str_sub(name, 1, name.n);
		if (dots > 0)
			buf_puts(&out, "../");
	}
	for (size_t i = 0; i < name.n;) {
		bool part = str_starts(str_sub(name, i, name.n), parts);

		buf_putc(&out, part ? '/' : name.p[i]);
		i += part ? parts.n : 1;
	}
	return buf_str(&out);
}

/* The file itself, and what is loaded with it: a/__init__.py of a/b. */
static int
load_below(struct loading *ld, struct str dir, struct str rel)
{
	struct arena *a = ld->rd->a;
	int err = 0;

	for (size_t n = 1; n <= rel.n && err >= 0; n++) {
		const char *ends = ld->naming->ends;
		struct str end;

		if (n < rel.n && (rel.p[n] != '/' || ld->naming->parts == NULL))
			continue;
		while (err >= 0 && next_end(&ends, &end))
			if (n == rel.n || end.n > 0)
				err = load_path(ld, path_clean(a, str_cat(a, path_join(a, dir, str_sub(rel, 0, n)), end)));
	}
	return err;
}

struct list { /* what a folder of the project holds */
	struct world_entry *v;
	size_t n;
};

/* Has the folder anything of that name? Most names are of the language's own
 * modules: one look at the folder answers for all of them. */
static bool
begins_here(struct loading *ld, struct str dir, struct str rel)
{
	struct reading *rd = ld->rd;
	struct str first = str_sub(rel, 0, str_chr(rel, '/')), *written;
	struct list *l = map_get(ld->lists, dir);
	size_t n = overlay_written(rd, dir, &written);

	if (first.n == 0 || first.p[0] == '.')
		return true;
	for (size_t i = 0; i < n; i++)
		if (str_starts(str_sub(written[i], overlay_real(rd, dir).n + 1, STR_NPOS), first))
			return true;
	if (l == NULL) {
		l = NEW(rd->a, struct list);
		if (!path_under(dir, rd->request->project) || overlay_list(rd, dir, &l->v, &l->n) < 0)
			l->n = 0;
		map_put(ld->lists, dir, l);
	}
	for (size_t i = 0; i < l->n; i++)
		if (str_starts(l->v[i].name, first))
			return true;
	return false;
}

static bool
is_file(struct loading *ld, struct str path)
{
	struct overlay_state s;
	struct world_stat ws;

	if (overlay_wrote(ld->rd, path)) /* mkdir writes a folder */
		return overlay_read(ld->rd, path, &s) == 0 && s.texts.n > 0;
	return overlay_stat(ld->rd, path, true, &ws) == 0 && ws.kind == WORLD_FILE;
}

/* "main" of a folder's package.json, as the line has left it; empty: none. */
static struct str
package_main(struct loading *ld, struct str dir)
{
	struct arena *a = ld->rd->a;
	struct str file = path_join(a, dir, STR("package.json")), name = { 0 };
	struct overlay_state s;
	struct json_tree *t;
	const cJSON *item;

	if (!is_file(ld, file) || overlay_read(ld->rd, file, &s) < 0 || s.texts.n == 0)
		return name;
	t = json_tree_open(a, s.texts.v[s.texts.n - 1], false);
	item = json_last(t->root, "exports");
	if (!cJSON_IsString(item))
		item = json_last(t->root, "main");
	if (cJSON_IsString(item))
		name = path_clean(a, path_join(a, dir, str_dup(a, str_of(item->valuestring))));
	json_tree_close(t);
	return name;
}

/* The file that node takes for a path: with .js behind it, of a folder the one
 * that its package.json or index.js is. */
static struct str
node_file(struct loading *ld, struct str path)
{
	static const char *const ends[] = { "", ".js", ".cjs", ".mjs", ".ts", "/index.js" };
	struct str named = package_main(ld, path);

	for (int of_named = named.n > 0; of_named >= 0; of_named--)
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
			struct str file = str_cat(ld->rd->a, of_named ? named : path, str_of(ends[i]));

			if (is_file(ld, file))
				return file;
		}
	return path;
}

struct word
modules_main(struct loading *ld, struct word operand)
{
	struct arena *a = ld->rd->a;
	struct str name, path, file;

	if (ld->naming == NULL || here(ld).n == 0 || !word_known(a, operand, &name))
		return operand;
	path = path_clean(a, path_join(a, here(ld), name));
	if (is_file(ld, path))
		return operand;
	file = ld->naming->dotted ? node_file(ld, path) : path_join(a, path, STR("__main__.py"));
	return is_file(ld, file) ? word_text(a, file) : operand;
}

/* A package that the line has put into node_modules, here or above. */
static int
load_package(struct loading *ld, struct str name, struct str folder)
{
	struct str *written;
	int err = 0;

	for (; err >= 0 && folder.n > 1; folder = path_dir(folder)) {
		struct str dir = path_clean(ld->rd->a, path_join(ld->rd->a, path_join(ld->rd->a, folder, STR("node_modules")), name));

		if (overlay_written(ld->rd, path_dir(dir), &written) > 0)
			err = load_path(ld, node_file(ld, dir));
	}
	return err;
}

static int
load_name(struct loading *ld, struct str name, struct str folder)
{
	struct reading *rd = ld->rd;
	size_t folders = ld->folders.n;
	struct str rel = name_path(ld, name), *written;
	int err = 0;

	if (folder.n == 0)
		return 0;
	if (ld->naming->dotted && !ld->written && name.p[0] != '.' && name.p[0] != '/')
		return overlay_wrote(rd, STR("")) ? load_package(ld, name, folder) : 0;
	for (size_t i = 0; i <= folders && err >= 0; i++) {
		struct str dir = i < folders ? ld->folders.v[i] : folder, at;
		struct world_stat ws;

		if (!begins_here(ld, dir, rel))
			continue;
		err = load_below(ld, dir, rel);
		at = path_clean(rd->a, path_join(rd->a, dir, rel));
		/* a folder that is named: what is named next may lie in it */
		if (overlay_written(rd, at, &written) > 0 || (path_under(at, rd->request->project) &&
			overlay_stat(rd, at, true, &ws) == 0 && ws.kind == WORLD_DIR))
			add_folder(ld, at);
		if (err >= 0 && ld->naming->dotted)
			err = load_path(ld, node_file(ld, at));
	}
	return err;
}

/* The names that stand at code.p[*at]: a, b.c as d, ("./e"). */
static int
load_names(struct loading *ld, struct str code, size_t *at, struct str folder)
{
	int err = 0;

	for (bool more = true; more && err >= 0;) {
		size_t i = *at, from;

		while (i < code.n && strchr(" \t(\"'`0,", code.p[i]) != NULL && code.p[i] != '\0')
			i++;
		for (from = i; i < code.n && (name_byte(code.p[i]) || (code.p[i] != '\0' && strchr("./:~@+-", code.p[i]) != NULL));)
			i++;
		if (i == from)
			break;
		err = load_name(ld, str_sub(code, from, i - from), folder);
		*at = i;
		if (str_starts(str_sub(code, i, code.n), STR(" as ")))
			for (i += 4; i < code.n && name_byte(code.p[i]);)
				i++;
		more = i < code.n && code.p[i] == ',';
	}
	return err;
}

static int
load_code(struct loading *ld, struct str code, struct str folder)
{
	int err = 0;

	if (ld->naming == NULL || ld->depth >= DEPTH_MAX)
		return 0;
	ld->depth++;
	for (size_t i = 0; i < code.n && err >= 0;) {
		size_t from = i;

		while (i < code.n && name_byte(code.p[i]))
			i++;
		if (i > from && names_hold(ld->naming->keys, str_sub(code, from, i - from)))
			err = load_names(ld, code, &i, folder);
		else if (i == from)
			i++;
	}
	ld->depth--;
	return err;
}

int
modules_code(struct loading *ld, struct str code)
{
	return load_code(ld, code, here(ld));
}

int
modules_always(struct loading *ld)
{
	int err = 0;

	if (ld->naming == NULL || ld->naming->always == NULL)
		return 0;
	for (size_t i = 0, n = ld->folders.n; i < n && err >= 0; i++)
		err = load_code(ld, str_of(ld->naming->always), ld->folders.v[i]);
	return err;
}

int
modules_words(struct loading *ld, struct words operands)
{
	struct str name;
	int err = 0;

	if (ld->naming == NULL || !overlay_wrote(ld->rd, STR("")))
		return 0;
	ld->written = true;
	for (size_t i = 0; i < operands.n && err >= 0; i++)
		if (word_known(ld->rd->a, operands.v[i], &name) && name.n > 0 && name.p[0] != '-' &&
		    (err = load_path(ld, path_clean(ld->rd->a, path_join(ld->rd->a, here(ld), name)))) >= 0)
			err = load_name(ld, name, here(ld));
	ld->written = false;
	return err;
}

/* Programs that look at the code that they are given, and run none of it. */
bool
modules_reads(struct str program)
{
	static const char *const names[] = { "ast", "black", "compileall", "eslint", "flake8", "isort", "json.tool", "mypy",
		"prettier", "py_compile", "pylint", "ruff", "tabnanny", "tokenize" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, program) != STR_NPOS;
}

/* ---- what is found without being named -------------------------------------------------- */

static int
load_matching(struct loading *ld, const char *patterns)
{
	struct str *written, pattern;
	size_t n = here(ld).n == 0 ? 0 : overlay_written(ld->rd, here(ld), &written);
	int err = 0;

	for (size_t i = 0; i < n; i++)
		for (const char *at = patterns; err >= 0 && next_end(&at, &pattern);)
			if (glob_match(pattern, path_base(written[i])))
				err = load_path(ld, written[i]);
	return err;
}

int
modules_found(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program)
{
	static const struct {
		const char *program;
		int language;
		const char *files;
	} finds[] = {
		{ "pytest", LANG_PYTHON, "conftest.py test_*.py *_test.py" },
		{ "py.test", LANG_PYTHON, "conftest.py test_*.py *_test.py" },
		{ "unittest", LANG_PYTHON, "test*.py" },
		{ "coverage", LANG_PYTHON, "" },
		{ "gunicorn", LANG_PYTHON, "" },
		{ "uvicorn", LANG_PYTHON, "" },
		{ "celery", LANG_PYTHON, "" },
		{ "streamlit", LANG_PYTHON, "" },
		{ "flask", LANG_PYTHON, "app.py wsgi.py" },
		{ "pip", LANG_PYTHON, "setup.py" },
		{ "pip3", LANG_PYTHON, "setup.py" },
		{ "build", LANG_PYTHON, "setup.py" },
		{ "nox", LANG_PYTHON, "noxfile.py" },
		{ "invoke", LANG_PYTHON, "tasks.py" },
		{ "inv", LANG_PYTHON, "tasks.py" },
		{ "fab", LANG_PYTHON, "fabfile.py" },
		{ "scons", LANG_PYTHON, "SConstruct SConscript" },
		{ "sphinx-build", LANG_PYTHON, "conf.py" },
		{ "jest", LANG_NODE, "*.test.* *.spec.* *.config.* .mocharc.*" },
		{ "vitest", LANG_NODE, "*.test.* *.spec.* *.config.* .mocharc.*" },
		{ "mocha", LANG_NODE, "*.test.* *.spec.* *.config.* .mocharc.*" },
		{ "ava", LANG_NODE, "*.test.* *.spec.* *.config.* .mocharc.*" },
		{ "playwright", LANG_NODE, "*.test.* *.spec.* *.config.* .mocharc.*" },
		{ "vite", LANG_NODE, "*.config.*" },
		{ "webpack", LANG_NODE, "*.config.*" },
		{ "rollup", LANG_NODE, "*.config.*" },
		{ "prettier", LANG_NODE, "*.config.*" },
		{ "tailwindcss", LANG_NODE, "*.config.*" },
		{ "next", LANG_NODE, "*.config.*" },
		{ "nuxt", LANG_NODE, "*.config.*" },
		{ "--test", LANG_NODE, "*.test.?js *.test.js *-test.?js *-test.js *_test.js test-*.js test-*.?js test.js test.?js" },
		{ "eslint", LANG_NODE, "*.config.* .eslintrc.*" },
		{ "gulp", LANG_NODE, "gulpfile.* Gruntfile.*" },
		{ "grunt", LANG_NODE, "gulpfile.* Gruntfile.*" },
		{ "nodemon", LANG_NODE, "" },
		{ "zx", LANG_NODE, "" },
		{ "rspec", LANG_RUBY, "*_spec.rb spec_helper.rb" },
		{ "rake", LANG_RUBY, "Rakefile rakefile *.rake" },
		{ "bundle", LANG_RUBY, "Gemfile *.gemspec" },
		{ "bundler", LANG_RUBY, "Gemfile *.gemspec" },
	};
	static struct names by_program = NAMES(finds);
	const size_t i = names_find(&by_program, program);
	struct loading *ld;
	int err;

	if (i == STR_NPOS || !overlay_wrote(rd, STR("")))
		return 0;
	ld = modules_new(rd, st, c, &languages[finds[i].language]);
	err = modules_reads(program) ? 0 : modules_words(ld, words_from(c->argv, 1));
	return err < 0 ? err : load_matching(ld, finds[i].files);
}
