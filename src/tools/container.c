/* SPDX-License-Identifier: ISC */
/*
 * container.c: `docker run IMAGE WORDS`: the words belong to the image's entry
 * point, which is a program that rules speak of for a few well-known images;
 * --entrypoint names another one. `nix run FLAKE#NAME` is alike. Where the words stand in the line is wrap.c's
 * to say. An image is never pulled or looked into.
 */
#include "tools/wrap.h"

#include <string.h>

static const struct image {
	const char *name;
	const char *entry; /* blank-separated */
} images[] = {
	{ "flyio/flyctl", "fly" },
	{ "flyio/mcp", "fly mcp wrap --" },
	{ "alpine/git", "git" },
	{ "curlimages/curl", "curl" },
	{ "alpine/curl", "curl" },
};

/* registry:5000/flyio/flyctl:v1@sha256:… without what stands behind the name. */
static struct str
bare_name(struct str image)
{
	size_t at = str_chr(image, '@'), slash, colon;

	image = str_sub(image, 0, at);
	slash = str_rchr(image, '/');
	colon = str_rchr(image, ':');
	if (colon != STR_NPOS && (slash == STR_NPOS || colon > slash))
		image = str_sub(image, 0, colon);
	return image;
}

/* Is it that image, from whatever registry? MAYBE where a part is not known. */
static enum tri
is_image(struct arena *a, struct word w, const char *name)
{
	struct str text, end = str_of(name);
	struct words any;

	if (!word_known(a, w, &text)) {
		if (word_glob(a, str_printf(a, "*%s*", name), &any) < 0)
			return TRI_MAYBE;
		return words_meet(any, w) ? TRI_MAYBE : TRI_NO;
	}
	text = bare_name(text);
	if (!str_ends(text, end))
		return TRI_NO;
	return text.n == end.n || text.p[text.n - end.n - 1] == '/' ? TRI_YES : TRI_NO;
}

/* May a word be a subcommand of the program? Where only that would make the
 * image another one than it seems to be, `ls` says that it is not. */
static bool
has_subcommand(struct reading *rd, struct str program, struct words rest)
{
	const struct tool *t = models_find(rd->models, program);

	for (size_t i = 0; t != NULL && i < t->ncommands; i++) {
		const struct model_command *k = &t->commands[i];
		struct word name;

		if (k->npath != 1)
			continue;
		name = word_text(rd->a, k->path[0]);
		for (size_t j = 0; j < rest.n; j++) {
			if (word_meets(name, rest.v[j]))
				return true;
			for (size_t n = 0; n < k->naliases; n++)
				if (word_meets(word_text(rd->a, k->aliases[n]), rest.v[j]))
					return true;
		}
	}
	return false;
}

static int
run_entry(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct str entry,
    struct words rest, unsigned flags)
{
	struct words front = words_split(rd->a, entry);
	struct word *v = NEW_ARRAY(rd->a, struct word, front.n + rest.n + 1);

	if (front.n > 0)
		memcpy(v, front.v, front.n * sizeof *v);
	if (rest.n > 0)
		memcpy(v + front.n, rest.v, rest.n * sizeof *v);
	return reading_run_argv(rd, st, (struct words){ v, front.n + rest.n }, c, flags,
	    (struct str){ 0 });
}

/* The image's own entry point, where it is one of the table; an image of the
 * name of a tool that rules speak of may start that tool as well. */
static int
run_image(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word image,
    struct words rest, unsigned flags)
{
	struct str text;
	int err;

	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
		enum tri is = is_image(rd->a, image, images[i].name);

		if (is == TRI_YES)
			return run_entry(rd, st, c, str_of(images[i].entry), rest, flags);
		if (is == TRI_MAYBE && has_subcommand(rd, str_of(images[i].entry), rest) &&
		    (err = run_entry(rd, st, c, str_of(images[i].entry), rest,
			 flags | ACTION_GUESS)) < 0)
			return err;
	}
	if (word_known(rd->a, image, &text)) {
		text = path_base(bare_name(text));
		if (models_guarded(rd->models, text) && has_subcommand(rd, text, rest) &&
		    (err = run_entry(rd, st, c, text, rest, flags | ACTION_GUESS)) < 0)
			return err;
	}
	return rest.n == 0 ? 0 : reading_run_argv(rd, st, rest, c, flags, (struct str){ 0 });
}

/* nix run nixpkgs#flyctl -- ARGS: the attribute names the program. */
static int
run_flake(struct reading *rd, struct shell_state *st, const struct shell_command *c, struct word flake,
    struct words rest, unsigned flags)
{
	struct str text = word_suffix(rd->a, flake), name = path_base(text);
	size_t mark = str_rchr(text, '#');

	if (mark != STR_NPOS)
		name = str_sub(text, mark + 1, STR_NPOS);
	if (str_rchr(name, '.') != STR_NPOS)
		name = str_sub(name, str_rchr(name, '.') + 1, STR_NPOS);
	if (rest.n > 0 && word_is(rest.v[0], "--"))
		rest = words_from(rest, 1);
	return name.n == 0 ? 0 : run_entry(rd, st, c, name, rest, flags);
}

/* `fly deploy`, or podman's ["fly", "deploy"]. */
static struct str
entry_words(struct arena *a, struct str text)
{
	char *p;

	if (text.n == 0 || text.p[0] != '[')
		return text;
	p = arena_alloc(a, text.n);
	for (size_t i = 0; i < text.n; i++)
		p[i] = strchr("[]\",", text.p[i]) != NULL ? ' ' : text.p[i];
	return (struct str){ p, text.n };
}

int
container_run(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct wrapper *w, const struct split *s, struct words rest, unsigned flags)
{
	const struct wrap_option *entry = wrap_given(s, "entrypoint");
	struct words all;
	struct word *v;
	struct str text;

	if (str_is(w->kind, "flake"))
		return run_flake(rd, st, c, c->argv.v[s->at - 1], rest, flags);
	if (entry == NULL) /* a service is called like what it runs, perhaps */
		return run_image(rd, st, c, c->argv.v[s->at - 1], rest, flags);
	if (entry->has_value && word_known(rd->a, entry->value, &text))
		return run_entry(rd, st, c, entry_words(rd->a, text), rest, flags);
	v = NEW_ARRAY(rd->a, struct word, rest.n + 1);
	v[0] = entry->value;
	if (rest.n > 0)
		memcpy(v + 1, rest.v, rest.n * sizeof *v);
	all = (struct words){ v, rest.n + 1 };
	return reading_run_argv(rd, st, all, c, flags, (struct str){ 0 });
}

void
container_env(struct reading *rd, struct shell_state *st, const struct shell_state *outside,
    const struct split *s)
{
	for (size_t i = 0; i < s->given.n; i++) {
		const struct wrap_option *g = &s->given.v[i];
		struct str head = word_prefix(g->value), name;
		size_t eq = str_chr(head, '=');
		struct words values;

		if (!str_is(g->option->name, "env") || !g->has_value)
			continue;
		name = str_dup(rd->a, str_sub(head, 0, eq));
		if (eq != STR_NPOS) {
			struct word value = word_cat(rd->a,
			    word_text(rd->a, str_sub(head, eq + 1, STR_NPOS)),
			    (struct word){ g->value.v + 1, g->value.n - 1, { 0 } });

			shell_set_var(rd->shell, st, name, value, true);
		} else if (g->value.n == 1 && shell_env(rd->shell, outside, name, &values) == 0 &&
		    values.n == 1)
			shell_set_var(rd->shell, st, name, values.v[0], true); /* -e NAME: ours */
	}
}
