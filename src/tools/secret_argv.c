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
	struct str program;
	const char *word; /* must be among the others; NULL: any */
	struct str option;
	enum place place;
} options[] = {
	{ STR("mysql"), NULL, STR("-p"), ATTACHED }, { STR("mysqldump"), NULL, STR("-p"), ATTACHED },
	{ STR("mysqladmin"), NULL, STR("-p"), ATTACHED }, { STR("mariadb"), NULL, STR("-p"), ATTACHED },
	{ STR("mariadb-dump"), NULL, STR("-p"), ATTACHED }, { STR("sshpass"), NULL, STR("-p"), EITHER },
	{ STR("redis-cli"), NULL, STR("-a"), EITHER }, { STR("redis-cli"), NULL, STR("--pass"), NEXT },
	{ STR("mongo"), NULL, STR("-p"), NEXT }, { STR("mongosh"), NULL, STR("-p"), NEXT }, { STR("mongodump"), NULL, STR("-p"), NEXT },
	{ STR("docker"), "login", STR("-p"), EITHER }, { STR("podman"), "login", STR("-p"), EITHER },
	{ STR("helm"), "login", STR("-p"), EITHER }, { STR("openssl"), NULL, STR("-k"), NEXT }, { STR("openssl"), NULL, STR("-K"), NEXT },
	{ STR("openssl"), NULL, STR("-pass"), NEXT }, { STR("openssl"), NULL, STR("-passin"), NEXT },
	{ STR("openssl"), NULL, STR("-passout"), NEXT }, { STR("curl"), NULL, STR("-b"), EITHER }, { STR("curl"), NULL, STR("--cookie"), NEXT },
	{ STR("curl"), NULL, STR("-u"), EITHER }, { STR("ldapsearch"), NULL, STR("-w"), EITHER }, { STR("smbclient"), NULL, STR("-U"), EITHER },
};

/* What such a program reads on standard input is one. */
static const struct {
	struct str program;
	const char *word;
} inputs[] = {
	{ STR("docker"), "--password-stdin" }, { STR("podman"), "--password-stdin" }, { STR("helm"), "--password-stdin" },
	{ STR("gh"), "--with-token" }, { STR("gh"), "secret" }, { STR("wrangler"), "secret" }, { STR("vercel"), "env" },
	{ STR("sudo"), "-S" }, { STR("kubectl"), "secret" }, { STR("vault"), "write" }, { STR("vault"), "put" }, { STR("op"), "create" },
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
want_value(struct secrets *s, struct str program, struct word w)
{
	static const struct str elsewhere[] = { STR("file:"), STR("env:"), STR("fd:"), STR("stdin") };
	struct str head = word_prefix(w);

	if (str_is(head, "-") || (str_is(program, "curl") && str_chr(head, '=') == STR_NPOS &&
	        str_chr(head, ':') == STR_NPOS))
		return;
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (str_starts(head, elsewhere[i]))
			return;
	if (str_starts(head, STR("pass:")))
		secret__want_value(s, str_sub(head, 5, STR_NPOS));
	else if (str_chr(head, '=') != STR_NPOS || (str_is(program, "curl") && str_chr(head, ':') != STR_NPOS))
		secret__want_value(s, str_sub(head, str_chr(head, str_chr(head, '=') != STR_NPOS ? '=' : ':') + 1, STR_NPOS));
	else
		secret__want_word(s, w);
}

static void
want_letters(struct secrets *s, const struct action *act)
{
	for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
		struct str option = options[k].option;

		if (!str_eq(act->tool, options[k].program) || !has_word(act, options[k].word))
			continue;
		for (size_t i = 1; i < act->argv.n; i++) {
			struct str w = word_prefix(act->argv.v[i]);

			if (!str_starts(w, option))
				continue;
			if ((options[k].place & NEXT) && w.n == option.n && i + 1 < act->argv.n)
				want_value(s, options[k].program, act->argv.v[i + 1]);
			else if ((options[k].place & ATTACHED) && w.n > option.n)
				secret__want_value(s, str_sub(w, option.n, STR_NPOS));
		}
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

/* Does the word before say that this one is a secret? keys: the program sets keys. */
static bool
announced(const struct action *act, size_t at, bool keys)
{
	struct str before = word_prefix(act->argv.v[at - 1]);

	if (act->argv.v[at - 1].n != 1 || str_starts(word_prefix(act->argv.v[at]), STR("-")))
		return false;
	if (str_starts(before, STR("--")))
		return secret__name(str_sub(before, 2, STR_NPOS));
	return at > 1 && (keys || word_is(act->argv.v[at - 2], "--arg") || word_is(act->argv.v[at - 2], "--argjson")) &&
	    !has_word(act, "get") && !has_word(act, "unset") && secret__name(last_part(before));
}

static void
want_input(struct secrets *s, const struct action *act)
{
	for (size_t k = 0; k < sizeof inputs / sizeof inputs[0]; k++)
		if (str_eq(act->tool, inputs[k].program) && has_word(act, inputs[k].word))
			for (size_t i = 0; i < act->input.n; i++)
				if (act->input.v[i].kind == PIECE_TEXT)
					secret__want_value(s, str_trim(act->input.v[i].text));
}

void
secret__want_argv(struct secrets *s, const struct action *act)
{
	bool kubectl = str_is(act->tool, "kubectl") && has_word(act, "secret");
	bool keys = act->argv.n > 2 && (has_word(act, "config") || has_word(act, "configure"));

	want_letters(s, act);
	for (size_t i = 1; i < act->argv.n; i++) {
		struct str w = word_prefix(act->argv.v[i]);

		if (announced(act, i, keys))
			secret__want_word(s, act->argv.v[i]);
		if (kubectl && str_starts(w, STR("--from-literal=")) && str_chr(str_sub(w, 15, STR_NPOS), '=') != STR_NPOS)
			secret__want_value(s, str_sub(w, 15 + str_chr(str_sub(w, 15, STR_NPOS), '=') + 1, STR_NPOS));
	}
	if (str_is(act->tool, "htpasswd") && has_word(act, "-b") && act->argv.n > 4)
		secret__want_word(s, act->argv.v[act->argv.n - 1]);
	if (act->input.n > 0)
		want_input(s, act);
}
