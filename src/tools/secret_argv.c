/* SPDX-License-Identifier: ISC */
/*
 * secret_argv.c: words that are secrets because of the words before them, or of
 * the program: --token VALUE, `mysql -pVALUE`, `docker login --password-stdin`.
 * Of programs that have a model, the model says more (secrets.c).
 */
#include "tools/secrets.h"

/* Where the value of an option of one letter stands. */
enum place { ATTACHED = 1, NEXT = 2, EITHER = 3 };
static const struct {
	const char *program, *word; /* word: must be among the others; NULL: any */
	const char *option;
	enum place place;
} options[] = {
	{ "mysql", NULL, "-p", ATTACHED }, { "mysqldump", NULL, "-p", ATTACHED },
	{ "mysqladmin", NULL, "-p", ATTACHED }, { "mariadb", NULL, "-p", ATTACHED },
	{ "mariadb-dump", NULL, "-p", ATTACHED }, { "sshpass", NULL, "-p", EITHER },
	{ "redis-cli", NULL, "-a", EITHER }, { "redis-cli", NULL, "--pass", NEXT },
	{ "mongo", NULL, "-p", NEXT }, { "mongosh", NULL, "-p", NEXT }, { "mongodump", NULL, "-p", NEXT },
	{ "docker", "login", "-p", EITHER }, { "podman", "login", "-p", EITHER },
	{ "helm", "login", "-p", EITHER }, { "openssl", NULL, "-k", NEXT }, { "openssl", NULL, "-K", NEXT },
	{ "openssl", NULL, "-pass", NEXT }, { "openssl", NULL, "-passin", NEXT },
	{ "openssl", NULL, "-passout", NEXT }, { "curl", NULL, "-b", EITHER }, { "curl", NULL, "--cookie", NEXT },
	{ "curl", NULL, "-u", EITHER }, { "ldapsearch", NULL, "-w", EITHER }, { "smbclient", NULL, "-U", EITHER },
};

/* What such a program reads on standard input is one. */
static const struct {
	const char *program, *word;
} inputs[] = {
	{ "docker", "--password-stdin" }, { "podman", "--password-stdin" }, { "helm", "--password-stdin" },
	{ "gh", "--with-token" }, { "gh", "secret" }, { "wrangler", "secret" }, { "vercel", "env" },
	{ "sudo", "-S" }, { "kubectl", "secret" }, { "vault", "write" }, { "vault", "put" }, { "op", "create" },
};

static bool
has_word(const struct action *act, const char *word)
{
	for (size_t i = 1; word != NULL && i < act->argv.n; i++)
		if (word_is(act->argv.v[i], word))
			return true;
	return word == NULL;
}

/* -b FILE of curl, -pass file:X of openssl: names of files are none. */
static void
want_value(struct secrets *s, const char *program, struct word w)
{
	static const struct str elsewhere[] = { STR("file:"), STR("env:"), STR("fd:"), STR("stdin") };
	struct str head = word_prefix(w);

	if (str_is(head, "-") || (str_is(str_of(program), "curl") && str_chr(head, '=') == STR_NPOS &&
	        str_chr(head, ':') == STR_NPOS))
		return;
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (str_starts(head, elsewhere[i]))
			return;
	if (str_starts(head, STR("pass:")))
		secret__want_value(s, str_sub(head, 5, STR_NPOS));
	else if (str_chr(head, '=') != STR_NPOS || (str_is(str_of(program), "curl") && str_chr(head, ':') != STR_NPOS))
		secret__want_value(s, str_sub(head, str_chr(head, str_chr(head, '=') != STR_NPOS ? '=' : ':') + 1, STR_NPOS));
	else
		secret__want_word(s, w);
}

static void
want_letters(struct secrets *s, const struct action *act, size_t at)
{
	struct str w = word_prefix(act->argv.v[at]);

	for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
		struct str option = str_of(options[k].option);

		if (!str_is(act->tool, options[k].program) || !str_starts(w, option) || !has_word(act, options[k].word))
			continue;
		if ((options[k].place & NEXT) && w.n == option.n && at + 1 < act->argv.n)
			want_value(s, options[k].program, act->argv.v[at + 1]);
		else if ((options[k].place & ATTACHED) && w.n > option.n)
			secret__want_value(s, str_sub(w, option.n, STR_NPOS));
	}
}

/* The last part of a key: aws_secret_access_key, github.token, //host/:_authToken. */
static struct str
last_part(struct str key)
{
	for (size_t i = key.n; i-- > 0;)
		if (key.p[i] == '.' || key.p[i] == ':' || key.p[i] == '/')
			return str_sub(key, i + 1, STR_NPOS);
	return key;
}

/* Does the word before say that this one is a secret? */
static bool
announced(const struct action *act, size_t at)
{
	struct str before = word_prefix(act->argv.v[at - 1]), w = word_prefix(act->argv.v[at]);
	bool names;

	if (act->argv.v[at - 1].n != 1 || str_starts(w, STR("-")))
		return false;
	if (str_starts(before, STR("--")))
		return secret__name(str_sub(before, 2, STR_NPOS));
	names = at > 1 && (word_is(act->argv.v[at - 2], "--arg") || word_is(act->argv.v[at - 2], "--argjson"));
	return (names || has_word(act, "config") || has_word(act, "configure")) && at > 1 &&
	    !has_word(act, "get") && !has_word(act, "unset") && secret__name(last_part(before));
}

void
secret__want_argv(struct secrets *s, const struct action *act)
{
	bool kubectl = str_is(act->tool, "kubectl") && has_word(act, "secret");

	for (size_t i = 1; i < act->argv.n; i++) {
		struct str w = word_prefix(act->argv.v[i]);

		want_letters(s, act, i);
		if (announced(act, i))
			secret__want_word(s, act->argv.v[i]);
		if (kubectl && str_starts(w, STR("--from-literal=")) && str_chr(str_sub(w, 15, STR_NPOS), '=') != STR_NPOS)
			secret__want_value(s, str_sub(w, 15 + str_chr(str_sub(w, 15, STR_NPOS), '=') + 1, STR_NPOS));
	}
	if (str_is(act->tool, "htpasswd") && has_word(act, "-b") && act->argv.n > 4)
		secret__want_word(s, act->argv.v[act->argv.n - 1]);
	for (size_t k = 0; k < sizeof inputs / sizeof inputs[0]; k++)
		if (str_is(act->tool, inputs[k].program) && has_word(act, inputs[k].word))
			for (size_t i = 0; i < act->input.n; i++)
				if (act->input.v[i].kind == PIECE_TEXT)
					secret__want_value(s, str_trim(act->input.v[i].text));
}
