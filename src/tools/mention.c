/* SPDX-License-Identifier: ISC */
/*
 * mention.c: the last line behind the doors and wrappers that are known. A
 * program with commands of its own (tmux, gdb, vim) may run the text that it is
 * given, and one that nobody knows, or that looks for helpers where the line
 * says, what the line has written. Each guarded command that stands in such a
 * text is read as a guess: rules of ask and deny then match at most maybe.
 */
#include "tools/code.h"
#include "tools/startup.h"

#include <string.h>

#define MENTIONS 32 /* commands of one text that are read */

/* Their words hold commands in a language of their own. */
static bool
has_commands(struct str program)
{
	static const char *const names[] = { "c++", "cc", "clang", "clang++", "cpp", "emacs", "ex", "g++", "gcc", "gdb",
		"gvim", "lldb", "nvim", "prove", "screen", "sftp", "socat", "sqlite3", "tar", "tmux", "vi", "view", "vim", "wget",
		"zip" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, program) != STR_NPOS;
}

/* They look at files, or write them anew, and run nothing. */
static bool
only_looks(struct str program)
{
	static const char *const names[] = { "actionlint", "black", "clang-format", "code", "dos2unix", "eslint", "gofmt",
		"hadolint", "isort", "jsonlint", "markdownlint", "mypy", "pandoc", "prettier", "ruff", "rustfmt",
		"shellcheck", "shfmt", "taplo", "tsc", "yamllint" };
	static struct names by_name = NAMES(names);

	return names_find(&by_name, program) != STR_NPOS;
}

/* What follows the text's sign of a command up to where it ends, without what other languages put between. */
static struct str
command_at(struct reading *rd, struct str text)
{
	struct buf out;

	buf_init(&out, rd->a);
	for (size_t i = 0; i < text.n && strchr("\n;|&<>()`", text.p[i]) == NULL; i++) {
		bool escape = text.p[i] == '\\' && i + 1 < text.n;

		if (escape && text.p[i + 1] == 'n')
			break;
		i += escape && text.p[i + 1] == 't';
		buf_putc(&out, strchr("\\\"',[]{}", text.p[i]) != NULL || escape ? ' ' : text.p[i]);
	}
	return buf_str(&out);
}

/* Was it found already, by who knows the program? */
static bool
is_judged(struct reading *rd, struct str text)
{
	struct words words = words_split(rd->a, text);

	for (size_t i = rd->out->list.n; i > 0; i--) {
		const struct action *act = rd->out->list.v[i - 1];
		size_t n = 0;

		if (act->kind == ACTION_UNKNOWN && act->unknown == UNKNOWN_DYNAMIC && i == rd->out->list.n)
			return true; /* it is asked about as it is */
		if (act->kind != ACTION_COMMAND || (act->flags & ACTION_GUESS) != 0 || act->argv.n != words.n)
			continue;
		while (n < words.n && str_eq(word_prefix(act->argv.v[n]), word_prefix(words.v[n])))
			n++;
		if (n == words.n)
			return true;
	}
	return false;
}

static int
run_mentioned(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str text)
{
	int err = 0;

	for (unsigned n = 0; err >= 0; n++) {
		struct str name = reading_guarded_name(rd, text), command;

		if (name.n == 0)
			return 0;
		text = str_sub(text, (size_t)(name.p - text.p), STR_NPOS);
		if (n == MENTIONS) {
			reading_unknown_at(rd, st, c, UNKNOWN_DYNAMIC, c->typed,
			    STR("it may run one of many commands that a text on the line names"));
			return 0;
		}
		command = command_at(rd, text);
		if (models_guarded(rd->models, name) && !is_judged(rd, command))
			err = reading_run_shell(rd, st, word_text(rd->a, command), c,
			    ACTION_GUESS | ACTION_INNER, (struct str){ 0 }, word_text(rd->a, STR("sh")),
			    (struct words){ NULL, 0 });
		text = str_sub(text, name.n, STR_NPOS);
	}
	return err;
}

/* On the line itself, and no guess. */
static bool
counts(const struct reading *rd)
{
	return !rd->guessing && (rd->flags & (ACTION_GUESS | ACTION_LOOKED)) == 0;
}

int
mention_line(struct reading *rd, struct shell_state *st, const struct shell_command *c)
{
	struct str prelude = rd->prelude; /* of the shell that the command is */
	bool read = rd->prelude_read;
	struct words options = rd->shell_options;
	int err;

	if (!counts(rd))
		return 0;
	rd->prelude = STR("");
	rd->prelude_read = true;
	rd->shell_options = (struct words){ NULL, 0 };
	err = run_mentioned(rd, st, c, rd->request->text);
	rd->prelude = prelude;
	rd->prelude_read = read;
	rd->shell_options = options;
	return err;
}

/* Does the line say where the program's helpers or options are? */
static bool
is_led(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str program)
{
	const struct assign *line;
	size_t n = shell_line_assigns(rd->shell, st, &line);
	bool led = (c->flags & SHELL_TAINTED) != 0;

	for (size_t i = 1; i < c->argv.n && !led; i++) /* ssh's, and what it includes */
		led = str_starts(word_prefix(c->argv.v[i]), STR("-F")) && names_hold("ssh scp sftp autossh", program);
	for (size_t i = 0; i < c->nassigns && !led; i++)
		led = !shell_safe_env_name(c->assigns[i].name);
	for (size_t i = 0; i < n && !led; i++)
		led = !shell_safe_env_name(line[i].name);
	return led;
}

/* npm and its like run scripts of the package.json here, which are read (package.c). */
static bool
is_read(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    struct str path)
{
	static const char *const verbs[] = { "--version", "-v", "add", "audit", "bin", "ci", "config", "help", "i", "info",
		"install", "list", "ls", "outdated", "pkg", "prefix", "restart", "root", "run", "run-script", "show", "start", "stop",
		"t", "test", "view", "whoami", "why" }; /* or run none */
	static struct names by_verb = NAMES(verbs);
	struct str here;

	return names_hold("npm pnpm yarn bun", prog->base) && c->argv.n > 1 &&
	    names_find(&by_verb, word_prefix(c->argv.v[1])) != STR_NPOS &&
	    word_known(rd->a, reading_path(rd, st, word_text(rd->a, STR("package.json")), 0), &here) &&
	    str_eq(overlay_real(rd, here), path);
}

/* Does a word, or a variable in front, name the file or a folder that it is in? */
static bool
is_named(struct reading *rd, const struct shell_command *c, struct str path)
{
	for (size_t i = 1; i < c->argv.n + c->nassigns; i++) {
		struct word w = i < c->argv.n ? c->argv.v[i] : c->assigns[i - c->argv.n].value;
		struct str text = path_base(word_suffix(rd->a, w)), rest = path;
		size_t sign = str_rchr(text, '=');

		if (sign != STR_NPOS) /* --config=FILE */
			text = path_base(str_sub(text, sign + 1, STR_NPOS));
		if (str_starts(text, STR("@"))) /* @FILE */
			text = str_sub(text, 1, STR_NPOS);
		while (text.n > 1 && rest.n > 1) {
			if (str_eq(path_base(rest), text))
				return true;
			rest = path_dir(rest);
		}
	}
	return false;
}

/* What programs look for by themselves, and what looks like a program: a #! or no ending. */
static bool
is_found(const struct program *prog, struct str path, const struct overlay_state *s)
{
	static const char *const looked_for[] = { ".envrc", ".gitconfig", ".npmrc", ".proverc", ".wgetrc", "CMakeLists.txt",
		"CTestTestfile.cmake", "Procfile", "Taskfile.yml", "build.ninja", "config" };
	static const char *const texts[] = { "AUTHORS", "CHANGELOG", "CHANGES", "CODEOWNERS", "COMMIT_EDITMSG", "Dockerfile",
		"GNUmakefile", "LICENSE", "Makefile", "NEWS", "NOTES", "README", "TODO", "justfile", "makefile" };
	static struct names by_looked_for = NAMES(looked_for), by_text = NAMES(texts);
	struct str base = path_base(path);

	if (names_find(&by_looked_for, base) != STR_NPOS ||
	    (str_is(base, "package.json") && names_hold("npm pnpm yarn bun npx bunx", prog->base)))
		return true;
	for (size_t i = 0; i < s->texts.n; i++)
		if (str_starts(s->texts.v[i], STR("#!")))
			return true;
	return str_chr(base, '.') == STR_NPOS && names_find(&by_text, base) == STR_NPOS;
}

static int
written_mentions(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog)
{
	struct str *paths;
	size_t n = overlay_written(rd, STR("/"), &paths);
	bool unknown = false;
	int err = 0;

	for (size_t i = 0; i < n && err >= 0; i++) {
		struct overlay_state s;

		if (is_read(rd, st, c, prog, paths[i]) || overlay_read(rd, paths[i], &s) < 0 ||
		    !(is_named(rd, c, paths[i]) || is_found(prog, paths[i], &s)))
			continue;
		for (size_t k = 0; k < s.texts.n && err >= 0; k++)
			err = run_mentioned(rd, st, c, s.texts.v[k]);
		unknown |= s.unknown && s.by != 0;
	}
	return err < 0 || !unknown ? err : run_mentioned(rd, st, c, rd->request->text);
}

/* Nothing but what is known: a program of the system's, one whose files are followed (make, python), or one
 * that runs another command and nothing else. */
static bool
is_known(struct reading *rd, const struct program *prog)
{
	size_t n = 0;
	const struct wrapper *w = models__wrapper(rd->models, prog->base, &n);

	for (size_t i = 0; i < n; i++)
		if (w[i].subcommand.n > 0) /* npm, docker: they do more */
			return false;
	return n > 0 || prog->tool != NULL || filecmd_known(prog->base);
}

/* What it is given: its words and its input, and a wrapper's variables. */
static int
given_mentions(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog,
    bool commands)
{
	struct str text;
	size_t n = 0;
	int err = 0;

	if (c->stdin_kind == SHELL_STDIN_TEXT && (commands || !is_known(rd, prog)) &&
	    word_known(rd->a, c->stdin_text, &text))
		err = run_mentioned(rd, st, c, text);
	for (size_t i = 1; i < c->argv.n && err >= 0 && commands; i++)
		if (word_known(rd->a, c->argv.v[i], &text) && strpbrk(str_c(rd->a, text), " ,\\") != NULL)
			err = run_mentioned(rd, st, c, text);
	if (err >= 0 && c->nassigns > 0 && models__wrapper(rd->models, prog->base, &n) != NULL)
		err = guess_values(rd, st, c, false);
	return err;
}

int
mention_run(struct reading *rd, struct shell_state *st, const struct shell_command *c, const struct program *prog)
{
	const bool commands = has_commands(prog->base), wrote = overlay_wrote(rd, STR(""));
	int err;

	if (!commands && !wrote && c->stdin_kind != SHELL_STDIN_TEXT && c->nassigns == 0)
		return 0; /* nearly always */
	if (!counts(rd) || str_chr(prog->base, ' ') != STR_NPOS || (!commands &&
	        (interpreter_known(prog->base) || interp_is_shell(prog->base)))) /* what they read is followed */
		return 0;
	if ((err = given_mentions(rd, st, c, prog, commands)) < 0 || !wrote || only_looks(prog->base))
		return err;
	return !commands && !is_led(rd, st, c, prog->base) && is_known(rd, prog) ? 0 : written_mentions(rd, st, c, prog);
}
