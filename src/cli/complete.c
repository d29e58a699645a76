/* SPDX-License-Identifier: ISC */
/*
 * complete.c: `bridle help --complete [COMMAND]`: what a shell may complete,
 * one a line: word, what it takes, what it is, parted by tabs. Made from the
 * tables of commands and options, so that contrib/completions cannot drift from
 * them. What is taken: words parted by blanks, or one of <file> <dir> <pending>
 * <grant> <command> <text>.
 */
#include <string.h>

#include "complete.h"

bool complete_listing;

static const struct {
	const char *command, *option, *takes; /* command NULL: any */
} takes[] = {
	{ "init", "policy", "user project" },
	{ NULL, "policy", "<file>" },
	{ NULL, "settings", "user project local" },
	{ NULL, "dir", "<dir>" },
	{ NULL, "cwd", "<dir>" },
	{ NULL, "state", "<dir>" },
	{ NULL, "transcripts", "<dir>" },
	{ NULL, "to", "<file>" },
	{ NULL, "socket", "<file>" },
	{ NULL, "decision", "allow pass ask deny" },
	{ NULL, "shell", "bash zsh" },
	{ NULL, "agent", "claude" },
	{ NULL, "since", "1h 24h 7d 30d" },
	{ NULL, "for", "10m 1h" },
};

static const struct {
	const char *command, *words;
} operands[] = {
	{ "log", "stats verify" },
	{ "wrap", "install remove status" },
	{ "approve", "<pending>" },
	{ "deny", "<pending>" },
	{ "revoke", "<grant> all" },
	{ "grant", "<command>" },
	{ "test", "<file>" },
	{ "lint", "<file>" },
	{ "fmt", "<file>" },
	{ "trust", "<file>" },
	{ "import", "<file>" },
};

static const char *
what_it_takes(const struct command *c, const struct opt *o)
{
	if (o->kind == OPT_FLAG)
		return "";
	for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++)
		if (strcmp(takes[i].option, o->name) == 0 &&
		    (takes[i].command == NULL || strcmp(takes[i].command, c->name) == 0))
			return takes[i].takes;
	return "<text>";
}

/* What the help says behind "  --NAME": after the next two blanks. */
static struct str
described(const struct command *c, const char *name)
{
	const char *p = c->help;
	size_t n = strlen(name);

	while (p != NULL && (p = strstr(p, "  --")) != NULL) {
		const char *text;

		p += 4;
		if (strncmp(p, name, n) != 0 || (p[n] != ' ' && p[n] != ','))
			continue;
		if ((text = strstr(p, "  ")) == NULL || memchr(p, '\n', (size_t)(text - p)) != NULL)
			return STR("");
		text += strspn(text, " ");
		return (struct str){ text, strcspn(text, "\n") };
	}
	return STR("");
}

void
complete_options(const struct command *c, const struct opt *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("--%s\t%s\t" STR_FMT "\n", table[i].name, what_it_takes(c, &table[i]),
		    STR_ARG(described(c, table[i].name)));
	puts("--help\t\twhat it does");
}

void
complete_commands(const struct command *const *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s\t\t%s\n", c[i]->name, c[i]->summary);
}

void
complete_command(const struct command *c, const struct command *const *all, size_t n)
{
	char *argv[] = { (char *)(uintptr_t)c->name, NULL };

	for (size_t i = 0; i < sizeof operands / sizeof operands[0]; i++) {
		char words[64], *word, *rest = words;

		if (strcmp(operands[i].command, c->name) != 0)
			continue;
		snprintf(words, sizeof words, "%s", operands[i].words);
		while ((word = strsep(&rest, " ")) != NULL)
			printf("%s\t\t\n", word);
	}
	if (strcmp(c->name, "help") == 0) {
		complete_commands(all, n);
		return;
	}
	complete_listing = true;
	(void)c->run(1, argv);
}
