/* SPDX-License-Identifier: ISC */
/*
 * interpreter.c: programs that take code of another language than the
 * shell's: what their words, their script, their modules and their standard
 * input make them run. Which words those are is language.c, the code code.c.
 */
#include "tools/code.h"
#include "tools/language.h"

#include "bridle/limits.h"

#include <string.h>

bool
interpreter_known(struct str program)
{
	const struct language *l = language_of(program);

	return l != NULL && l != &languages[LANG_MIX] && l->operand != OPERAND_SOURCE;
}

/* Known text; unknown pieces as a mark that code.c knows. */
static struct str
code_text(struct reading *rd, struct word w, bool *some_unknown)
{
	struct buf out;

	*some_unknown = false;
	buf_init(&out, rd->a);
	for (size_t i = 0; i < w.n; i++) {
		if (w.v[i].kind == PIECE_TEXT) {
			buf_add(&out, w.v[i].text);
			continue;
		}
		buf_puts(&out, "{?}");
		*some_unknown = true;
	}
	return buf_str(&out);
}

/* system(), pipes and output files of awk: an allow covers none of them. */
static bool
awk_door(struct str code)
{
	return str_find(code, STR("system(")) != STR_NPOS ||
	    str_find(code, STR("system (")) != STR_NPOS ||
	    str_find(code, STR("getline")) != STR_NPOS || str_find(code, STR("| \"")) != STR_NPOS ||
	    str_find(code, STR("|\"")) != STR_NPOS || str_find(code, STR("> \"")) != STR_NPOS ||
	    str_find(code, STR(">\"")) != STR_NPOS || str_find(code, STR("|&")) != STR_NPOS ||
	    str_find(code, STR("print >")) != STR_NPOS ||
	    str_find(code, STR("@load")) != STR_NPOS || str_find(code, STR("| cmd")) != STR_NPOS;
}

/* yq's load() reads further files, system() runs a program. */
static bool
yq_door(struct str code)
{
	return str_find(code, STR("load")) != STR_NPOS || str_find(code, STR("system")) != STR_NPOS;
}

struct run { /* one program, and what it takes */
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	const struct language *l;
	struct action *act;
	struct loading *ld;
	struct words args; /* of the code on the line */
};

static int
code_run(const struct run *r, struct word w)
{
	const struct language *l = r->l;
	struct code how = { .bang = l->bang, .backquote = l->backquote, .plain = l == &languages[LANG_TCLSH],
		.awk = l == &languages[LANG_AWK], .flags = ACTION_GUESS | ACTION_INNER, .args = r->args, .first = 1 };
	bool some_unknown, sed = l == &languages[LANG_SED], awk = l == &languages[LANG_AWK], yq = l == &languages[LANG_YQ];
	struct str code = code_text(r->rd, w, &some_unknown);
	bool door = some_unknown;
	int err;

	if (sed)
		door |= sed_read(r->rd, r->st, r->c, code);
	else if (awk)
		door |= awk_door(code);
	else if (yq)
		door |= yq_door(code);
	if (r->act != NULL && door && (sed || awk || yq))
		r->act->flags |= ACTION_TAINTED;
	if (some_unknown && !sed && !awk && !yq)
		reading_unknown_at(r->rd, r->st, r->c, UNKNOWN_OPAQUE, r->c->typed,
		    STR("a part of the code is not known before it runs"));
	if (sed || (yq && !door))
		return 0;
	err = code_read(r->rd, r->st, r->c, &how, code);
	return err < 0 ? err : modules_code(r->ld, code);
}

/* sed's script in a file. */
static int
sed_file(const struct run *r, struct str path, const struct overlay_state *s)
{
	struct inner saved = reading_enter(r->rd, script_flags(r->rd, path), path_base(path));
	bool door = false;

	if (s->unknown && script_suspect(r->rd, s->by))
		script_written(r->rd, r->st, r->c, path_base(path), "it");
	for (size_t i = 0; i < s->texts.n; i++)
		door |= sed_read(r->rd, r->st, r->c, s->texts.v[i]);
	reading_leave(r->rd, saved);
	if (r->act != NULL && door)
		r->act->flags |= ACTION_TAINTED;
	return 0;
}

static int
script_run(const struct run *r, struct word file)
{
	struct overlay_state s;
	struct str path;

	if (word_is(file, "-") && r->l == &languages[LANG_SED])
		file = word_text(r->rd->a, STR("/dev/stdin"));
	if (script_texts(r->rd, r->st, r->c, file, &s, &path) < 0)
		return 0;
	return r->l == &languages[LANG_SED] ? sed_file(r, path, &s) : modules_file(r->ld, path, &s);
}

int
interpreter_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file)
{
	struct run r = { .rd = rd, .st = st, .c = c, .ld = modules_new(rd, st, c, NULL) };

	return script_run(&r, file);
}

int
interpreter_text(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program,
    struct str path, struct str text)
{
	struct loading *ld = modules_new(rd, st, c, language_of(program));
	struct overlay_state s = { 0 };

	*vec_push(rd->a, &s.texts) = text;
	modules_args(ld, words_from(c->argv, 1));
	return modules_file(ld, path, &s);
}

static int
stdin_code(const struct run *r, struct str program, enum shell_stdin kind, struct word text)
{
	if (kind == SHELL_STDIN_INHERIT)
		kind = reading_stdin(r->rd, r->c, &text);
	switch (kind) {
	case SHELL_STDIN_TEXT:
		return code_run(r, text);
	case SHELL_STDIN_PIPE:
		reading_unknown_at(r->rd, r->st, r->c, UNKNOWN_DYNAMIC, r->c->typed,
		    str_printf(r->rd->a, "what is piped into " STR_FMT " is not known before it runs",
		        STR_ARG(program)));
		return 0;
	case SHELL_STDIN_FILE:
		return script_run(r, text);
	case SHELL_STDIN_INHERIT:
		break;
	}
	return 0;
}

/* `awk -f FILE`, `sed -f <(…)`: what the line itself says there is code. */
static int
file_run(const struct run *r, struct word file)
{
	enum shell_stdin kind;
	struct word text;

	if (shell_process_text(r->rd->shell, file, &text) ||
	    (shell_fd_named(r->c, file, &kind, &text) && kind == SHELL_STDIN_TEXT))
		return code_run(r, text);
	return script_run(r, file);
}

/* `deno run -A x.ts`, `bun x.js`: the first operand that is named like a source;
 * `deno run npm:NAME@1` is that package's program. */
static int
source_operand(const struct run *r)
{
	const struct shell_command *c = r->c;
	struct arena *a = r->rd->a;
	static const char *const ends[] = { ".js", ".mjs", ".cjs", ".ts", ".mts", ".jsx", ".tsx" };

	for (size_t i = 1; i < c->argv.n; i++) {
		struct str text;

		if (!word_known(a, c->argv.v[i], &text) || text.n == 0 || text.p[0] == '-')
			continue;
		if (str_starts(text, STR("npm:"))) {
			struct words call = words_from(c->argv, i);
			size_t at = str_rchr(text, '@');
			struct word *v = NEW_ARRAY(a, struct word, call.n);

			for (size_t k = 1; k < call.n; k++)
				v[k] = call.v[k];
			v[0] = word_text(a, path_base(str_sub(text, 4, at == STR_NPOS || at <= 4 ? STR_NPOS : at - 4)));
			return reading_run_argv(r->rd, r->st, (struct words){ v, call.n }, c, ACTION_INNER, (struct str){ 0 });
		}
		for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
			if (str_ends(text, str_of(ends[k])))
				return script_run(r, c->argv.v[i]);
	}
	return 0;
}

/* ---- what the code is given ------------------------------------------------------------- */

/* Does the code look at its words, its input, its environment? */
static bool
takes_input(struct str code)
{
	static const char *const names[] = { "argv", "ARGV", "@_", "args", "stdin", "STDIN", "gets", "input(",
		"readFileSync(0", "/dev/stdin", "$_", "$0", "$1", "$2", "-v", "environ", "ENV", "getenv", "process.env", "arg[", "commandArgs" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_find(code, str_of(names[i])) != STR_NPOS)
			return true;
	return false;
}

static int
fed_text(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word text)
{
	return reading_run_shell(rd, st, text, c, ACTION_GUESS | ACTION_INNER, (struct str){ 0 },
	    word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
}

/* A file that the line has written is as much said by it as standard input is. */
static int
fed_file(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word file)
{
	struct overlay_state s;
	struct str path;
	int err = 0;

	if (script_texts(rd, st, c, file, &s, &path) < 0 || script_flags(rd, path) == ACTION_LOOKED)
		return 0;
	for (size_t i = 0; i < s.texts.n && err >= 0; i++)
		err = fed_text(rd, st, c, word_text(rd->a, s.texts.v[i]));
	return err;
}

/* execSync(readFileSync("x")): is the literal, in the same statement, behind what runs it? */
static bool
run_there(struct str code, const struct literal *l)
{
	static const char *const words[] = { "exec", "system", "popen", "Popen", "spawn", "run(", "check_", "call(", "eval" };
	size_t from = l->from;

	while (from > 0 && !code_in(code.p[from - 1], ";\n"))
		from--;
	return code_holds(str_sub(code, from, l->from - from), words, sizeof words / sizeof *words);
}

/* system(c): does it run what a name holds, or a call gives? */
static bool
runs_name(struct str code)
{
	static const char *const words[] = { "execSync(", "exec(", "system(", "popen(", "Popen(", "run(", "check_call(",
		"check_output(" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t at = str_find(code, str_of(words[i]));

		if (at != STR_NPOS && (at += strlen(words[i])) < code.n && (code_word_byte(code.p[at]) || code.p[at] == '$') &&
		    !(at + 1 < code.n && code_in(code.p[at + 1], "\"'")))
			return true;
	}
	return false;
}

/* What the code runs of the files that the line has written. */
static int
fed_literals(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str code)
{
	struct literals ls;
	int err = 0;

	if (!overlay_wrote(rd, STR("")) || str_find(code, STR("ead")) == STR_NPOS) /* read, slurp by another name */
		return 0;
	code_literals(rd->a, code, &ls);
	for (size_t i = 0; i < ls.v.n && err >= 0; i++)
		if (ls.v.v[i].text.n > 0 && ls.v.v[i].text.n < 256 && (run_there(code, &ls.v.v[i]) || runs_name(code)))
			err = fed_file(rd, st, c, word_text(rd->a, ls.v.v[i].text));
	return err;
}

/* awk's sub() makes another command of what it reads. */
static void
changed_input(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct taken *t,
    struct word in)
{
	static const char *const words[] = { "sub(", "gsub(", "gensub(" };
	struct str text, code;

	if (!word_known(rd->a, in, &text) || !reading_names_guarded(rd, text))
		return;
	for (size_t i = 0; i < t->code.n; i++)
		if (word_known(rd->a, t->code.v[i], &code) && code_holds(code, words, sizeof words / sizeof *words)) {
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    STR("the code changes what it reads, and runs it"));
			return;
		}
}

/* `python -c 'subprocess.run(sys.argv[1:])' fly deploy`: a guarded command among
 * the words, in -v x='…', on standard input may be what the code runs. */
static int
fed_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct language *l, const struct taken *t)
{
	struct code how = { .bang = l->bang, .backquote = l->backquote, .flags = ACTION_GUESS | ACTION_INNER };
	bool runs = false, unknown, awk = l == &languages[LANG_AWK];
	struct word in;
	int err;

	for (size_t i = 0; i < t->code.n && !runs; i++) {
		struct str code = code_text(rd, t->code.v[i], &unknown);

		if (code_can_run(code, &how) && (err = fed_literals(rd, st, c, code)) < 0)
			return err;
		runs = code_can_run(code, &how) && (awk || takes_input(code)) && (!awk || awk_door(code));
	}
	if (!runs || l == &languages[LANG_SED])
		return 0;
	if ((err = guess_run(rd, st, c, t->operand < 2 ? 2 : t->operand)) < 0 ||
	    (err = guess_texts(rd, st, c, t->operand + awk)) < 0 || (err = guess_values(rd, st, c, true)) < 0)
		return err;
	if (reading_stdin(rd, c, &in) == SHELL_STDIN_TEXT) {
		changed_input(rd, st, c, t, in);
		return fed_text(rd, st, c, in);
	}
	for (size_t i = t->operand + 1; awk && i < c->argv.n; i++)
		if ((err = fed_file(rd, st, c, c->argv.v[i])) < 0)
			return err;
	return 0;
}

/* perl -n opens "fly deploy |" as a command. */
static int
piped_operands(struct reading *rd, struct shell_state *st, const struct shell_command *c, size_t from)
{
	int err = 0;

	for (size_t i = from; i < c->argv.n && err >= 0; i++) {
		struct str text;

		if (word_known(rd->a, c->argv.v[i], &text) && text.n > 1 && text.p[text.n - 1] == '|')
			err = reading_run_shell(rd, st, word_text(rd->a, str_sub(text, 0, text.n - 1)), c, ACTION_INNER,
			    (struct str){ 0 }, word_text(rd->a, STR("sh")), (struct words){ NULL, 0 });
	}
	return err;
}

/* PERL5OPT, RUBYOPT, NODE_OPTIONS: options as if they stood on the line. */
static void
env_options(const struct run *r, struct taken *out)
{
	const struct naming *n = language_naming(r->l);
	struct shell_command call = *r->c;
	struct words values;
	struct str text;

	*out = (struct taken){ 0 };
	if (n == NULL || n->options == NULL || shell_env(r->rd->shell, r->st, str_of(n->options), &values) != 0 ||
	    values.n != 1 || !word_known(r->rd->a, values.v[0], &text))
		return;
	call.argv = words_split(r->rd->a, str_cat(r->rd->a, STR("- "), text));
	language_take(r->rd, r->l, &call, out);
}

/* What its options load, and what it loads by itself. */
static int
loads_run(const struct run *r, const struct taken *t)
{
	struct str module;
	int err = modules_always(r->ld);

	for (size_t i = 0; i < t->folders.n; i++)
		modules_folder(r->ld, t->folders.v[i]);
	for (size_t i = 0; i < t->loads.n && err >= 0; i++)
		err = code_run(r, t->loads.v[i]);
	if (!t->module || t->operand == 0 || t->operand > r->c->argv.n || err < 0)
		return err;
	if (!word_known(r->rd->a, r->c->argv.v[t->operand - 1], &module))
		return modules_words(r->ld, words_from(r->c->argv, t->operand));
	err = modules_reads(module) ? 0 : modules_words(r->ld, words_from(r->c->argv, t->operand));
	return err < 0 ? err : modules_found(r->rd, r->st, r->c, module);
}

int
interpreter_options(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program)
{
	struct run r = { .rd = rd, .st = st, .c = c, .l = language_of(program) };
	struct taken t;

	r.ld = modules_new(rd, st, c, r.l);
	env_options(&r, &t);
	return loads_run(&r, &t);
}

/* Files that it reads by itself, at home or here, where the line has written them. */
static int
own_files(const struct run *r)
{
	static const struct {
		int language;
		const char *files[4];
	} own[] = {
		{ LANG_VIM, { ".vimrc", ".vim/vimrc", ".exrc", ".config/nvim/init.vim" } },
		{ LANG_GDB, { ".gdbinit", ".config/gdb/gdbinit" } },
		{ LANG_LLDB, { ".lldbinit" } },
		{ LANG_RUBY, { ".irbrc" } },
		{ LANG_RSCRIPT, { ".Rprofile" } },
		{ LANG_EMACS, { ".emacs", ".emacs.d/init.el" } },
		{ LANG_PSQL, { ".psqlrc", ".sqliterc" } },
	};
	struct reading *rd = r->rd;
	struct overlay_state s;
	int err = 0;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		for (size_t k = 0; r->l == &languages[own[i].language] && k < 4 && own[i].files[k] != NULL; k++)
			for (int home = 0; home < 2 && err >= 0; home++) {
				struct str dir = rd->request->home, path;

				if (!home && (shell_cwd(r->st).n != 1 || !word_known(rd->a, shell_cwd(r->st).v[0], &dir)))
					continue;
				path = path_join(rd->a, dir, str_of(own[i].files[k]));
				if (dir.n > 0 && overlay_wrote(rd, path) && overlay_read(rd, path, &s) >= 0)
					err = modules_file(r->ld, path, &s);
			}
	return err;
}

/* Programs in node's language that are no script of ours. */
static bool
is_nodes(struct str name)
{
	static const char *const names[] = { "corepack", "eslint", "jest", "next", "npm", "pnpm", "tsc", "vite", "vitest",
		"webpack", "yarn" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, name) != STR_NPOS;
}

int
interpreter_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct program *prog, struct action *act)
{
	struct run r = { .rd = rd, .st = st, .c = c, .l = language_of(prog->base), .act = act };
	const struct language *l = r.l;
	enum shell_stdin kind = c->stdin_kind;
	struct word text = c->stdin_text;
	struct taken t;
	struct str name;
	int err;

	if ((err = modules_found(rd, st, c, prog->base)) < 0)
		return err;
	if (l == NULL)
		return is_nodes(prog->base) ? interpreter_options(rd, st, c, STR("node")) : 0;
	if ((err = interpreter_options(rd, st, c, prog->base)) < 0)
		return err;
	r.ld = modules_new(rd, st, c, l);
	if (overlay_wrote(rd, STR("")) && (err = own_files(&r)) < 0)
		return err;
	language_take(rd, l, c, &t);
	r.args = words_from(c->argv, t.operand);
	modules_args(r.ld, words_from(c->argv, t.operand + !t.module));
	if ((err = loads_run(&r, &t)) < 0)
		return err;
	for (size_t i = 1; i < t.operand && l == &languages[LANG_NODE]; i++)
		if (word_is(c->argv.v[i], "--test") && (err = modules_found(rd, st, c, STR("--test"))) < 0)
			return err;
	for (size_t i = 0; i < t.code.n; i++)
		if ((err = code_run(&r, t.code.v[i])) < 0)
			return err;
	for (size_t i = 0; i < t.files.n; i++)
		if ((err = file_run(&r, t.files.v[i])) < 0)
			return err;
	if (t.code.n > 0 && (err = fed_run(rd, st, c, l, &t)) < 0)
		return err;
	if ((err = editor_run(rd, st, c, l, &t)) < 0)
		return err;
	if (l == &languages[LANG_PERL] && (err = piped_operands(rd, st, c, t.operand)) < 0)
		return err;
	if (t.code.n == 0 && l->operand == OPERAND_SOURCE)
		return source_operand(&r);
	if (t.code.n == 0 && l->operand == OPERAND_OTHER && kind == SHELL_STDIN_TEXT)
		return code_run(&r, text);
	if (t.code.n > 0 || t.module || l->operand != OPERAND_FILE)
		return 0;
	if (t.operand >= c->argv.n || word_is(c->argv.v[t.operand], "-") ||
	    shell_fd_named(c, c->argv.v[t.operand], &kind, &text)) {
		r.args = words_from(c->argv, t.operand + 1);
		return stdin_code(&r, prog->base, kind, text);
	}
	if (!word_known(rd->a, c->argv.v[t.operand], &name) && overlay_wrote(rd, STR("")) && script_suspect(rd, WROTE_PART))
		script_written(rd, st, c, STR("a file that may be the script"), "it");
	if ((err = script_run(&r, modules_main(r.ld, c->argv.v[t.operand]))) < 0)
		return err;
	return guess_run(rd, st, c, t.operand + 1); /* a program that nobody knows */
}
