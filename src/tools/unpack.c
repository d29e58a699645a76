/* SPDX-License-Identifier: ISC */
/*
 * unpack.c: programs that write files which their words do not name: those of
 * an archive, of a diff, of another folder. Which app a configuration file
 * below that place names is not known from then on. The same of a file that a
 * program without a model is given by name. Files that are named where the
 * model says so: filecmd.c and command.c.
 */
#include "tools/host.h"
#include "tools/scope.h"

#include <string.h>

static const struct unpacker {
	const char *tool;
	const char *when;   /* only with one of these options, or letters of an old-style first word; NULL: always */
	const char *unless; /* but not with one of these */
	const char *into;   /* option that names the folder; NULL: none */
	bool last;          /* the last operand is the folder, if it is not another machine's */
} unpackers[] = {
	{ "cp", "r R a", NULL, "target-directory", true },
	{ "patch", NULL, "dry-run o output", "directory", false },
	{ "rsync", NULL, "n dry-run list-only", NULL, true },
	{ "scp", "r", NULL, NULL, true },
	{ "tar", "extract x", "to-stdout O", "directory", false },
	{ "unzip", NULL, "l v t p c", "d", false },
};

static const struct option_value *
option_of(const struct action *act, struct str name)
{
	for (size_t i = 0; i < act->noptions; i++)
		if (str_eq(act->options[i].name, name))
			return &act->options[i];
	return NULL;
}

/* tar xf: the letters of the first word, when it has no dash. */
static bool
old_style(const struct action *act, struct str letter)
{
	return str_is(act->tool, "tar") && letter.n == 1 && act->argv.n > 1 &&
	    str_chr(word_prefix(act->argv.v[1]), letter.p[0]) != STR_NPOS &&
	    !str_starts(word_prefix(act->argv.v[1]), STR("-"));
}

static bool
any_of(const struct action *act, const char *names)
{
	struct str rest = str_of(names);

	while (rest.n > 0) {
		size_t end = str_chr(rest, ' ');
		struct str name = str_sub(rest, 0, end);
		const struct option_value *o = option_of(act, name);

		rest = end == STR_NPOS ? STR("") : str_sub(rest, end + 1, STR_NPOS);
		if ((o != NULL && !o->maybe) || old_style(act, name))
			return true;
	}
	return false;
}

static bool
unpacks(const struct unpacker *u, const struct action *act)
{
	if (u->unless != NULL && any_of(act, u->unless) && !act->parse_maybe)
		return false;
	return u->when == NULL || any_of(act, u->when);
}

/* Files that say which app is meant, below each folder that `into` may be. */
static void
change_below(struct reading *rd, struct shell_state *st, struct word into)
{
	size_t n = shell_cwd(st).n;

	for (size_t i = 0; i < n; i++) {
		struct str dir;

		if (!word_known(rd->a, reading_path(rd, st, into, i), &dir) || dir.p[0] != '/')
			dir = STR("/");
		scope_files_change(rd, path_clean(rd->a, dir));
	}
}

static bool
elsewhere(struct word w)
{
	struct str head = word_prefix(w);
	size_t colon = str_chr(head, ':');

	return colon != STR_NPOS && str_chr(str_sub(head, 0, colon), '/') == STR_NPOS;
}

static void
into_folder(struct reading *rd, struct shell_state *st, const struct unpacker *u, struct action *act)
{
	const struct option_value *o = u->into == NULL ? NULL : option_of(act, str_of(u->into));
	struct word into = word_text(rd->a, STR("."));

	if (o != NULL && o->values.n > 0)
		into = o->values.v[o->values.n - 1];
	else if (u->last && act->operands.n > 0)
		into = act->operands.v[act->operands.n - 1];
	if (u->last && o == NULL && elsewhere(into))
		return;
	act->flags |= ACTION_TREE;
	change_below(rd, st, into);
}

/* Programs with a model that may write what they are given by name. */
static bool
may_write(const struct action *act)
{
	static const char *const tools[] = { "docker", "ex", "nvim", "podman", "scp", "vi", "vim" };
	static struct names by_name = NAMES(tools);

	return act->model == NULL || names_find(&by_name, act->tool) != STR_NPOS;
}

/* Is a word of it the name of such a file, be it another machine's? */
static bool
names_one(struct reading *rd, const struct action *act)
{
	const struct tool *fly = models_find(rd->models, STR("fly"));

	for (size_t i = 1; i < act->argv.n; i++) {
		struct str tail = path_base(word_suffix(rd->a, act->argv.v[i]));
		size_t colon = str_rchr(tail, ':'), equals = str_rchr(tail, '=');

		if (colon != STR_NPOS)
			tail = str_sub(tail, colon + 1, STR_NPOS);
		else if (equals != STR_NPOS)
			tail = str_sub(tail, equals + 1, STR_NPOS);
		if (scope_file(fly, tail))
			return true;
	}
	return false;
}

void
unpack_run(struct reading *rd, struct shell_state *st, struct action *act, bool named)
{
	static struct names by_tool = NAMES(unpackers);
	size_t i;

	if (act == NULL || rd->away || !act->runs)
		return;
	i = names_find(&by_tool, act->tool);
	if (i != STR_NPOS && unpacks(&unpackers[i], act))
		into_folder(rd, st, &unpackers[i], act);
	if (!named && may_write(act) && names_one(rd, act))
		change_below(rd, st, word_text(rd->a, STR(".")));
}
